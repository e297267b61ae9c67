"""A decoded picture of any format, size and matrix as I420 in BT.709 limited range on the canvas.

One that is that already is copied plane by plane; every other goes through libswscale once, cropped before it is scaled.
"""

from fractions import Fraction

import av
import numpy as np
from av.filter import Graph

from capture.scale import Crop, cover
from studio.model.frames import Plane

_BT709, _UNSPECIFIED, _RGB = 1, 2, 0
_MATRICES = {1: "bt709", 4: "fcc", 5: "bt470bg", 6: "smpte170m", 7: "smpte240m", 9: "bt2020nc", 10: "bt2020nc"}
"""libswscale's names for AVColorSpace, ITU-T H.273 table 4."""

_FULL_RANGE = 2
_HD_HEIGHT = 720
"""From this height on a clip that doesn't name its matrix is taken as BT.709, below as BT.601: what players and encoders do."""

_SCALE = "bicubic"
_RECOLOUR = "bicubic+accurate_rnd+full_chroma_int"
"""Exact rounding costs 3 ms more at 1080p: worth it where colours are computed anew, without use where they are only scaled."""

_TURNS = {90: ("cclock",), 180: ("hflip", "vflip"), 270: ("clock",)}
"""What undoes a display matrix: its angle counts anticlockwise, as the picture should be turned."""


class ClipConverter:
    """Converts the pictures of one clip; rebuilds its filter when they change their nature midway."""

    def __init__(self, canvas: tuple[int, int], pixel_aspect: Fraction | None) -> None:
        self._canvas = canvas
        self._pixel_aspect = pixel_aspect or Fraction(1)
        self._nature: tuple[object, ...] = ()
        self._graph: Graph | None = None
        self._crop = Crop(0, 0, 0, 0)

    def convert(self, picture: av.VideoFrame, out: Plane) -> None:
        """Write `picture` into `out`, one contiguous (H·3/2, W) uint8 buffer of the canvas: Y, U, V.

        Raises FFmpegError for a format that libswscale doesn't know.
        """
        nature = (picture.format.name, picture.width, picture.height, picture.colorspace, picture.color_range, picture.rotation)
        if nature != self._nature:
            self._prepare(picture)
            self._nature = nature
        if self._graph is None:
            _copy(picture, self._crop, out)
            return
        _tag(picture)
        self._graph.vpush(picture)
        _copy(self._graph.vpull(), Crop(0, 0, *self._canvas), out)

    @property
    def is_copying(self) -> bool:
        """Whether the newest picture needed no conversion."""
        return bool(self._nature) and self._graph is None

    def _prepare(self, picture: av.VideoFrame) -> None:
        turn = round(picture.rotation / 90) * 90 % 360
        is_lying = turn in {90, 270}
        width, height = self._canvas
        self._crop = crop = cover((picture.width, picture.height), (height, width) if is_lying else (width, height), self._pixel_aspect)
        matrix, is_full_range = _colours(picture)
        is_plain = picture.format.name == "yuv420p" and matrix == "bt709" and not is_full_range and not turn
        if is_plain and (crop.width, crop.height) == self._canvas:
            self._graph = None
        else:
            self._graph = _graph(picture, crop, turn, self._canvas)


def _colours(picture: av.VideoFrame) -> tuple[str, bool]:
    """(libswscale's name of the matrix, whether the range is full), with the customs where the picture doesn't say."""
    name = picture.format.name
    is_full_range = picture.color_range == _FULL_RANGE or name.startswith("yuvj")
    if picture.format.is_rgb or name.startswith(("gray", "pal", "mono")):
        return "bt709", True
    custom = "bt709" if min(picture.width, picture.height) >= _HD_HEIGHT else "smpte170m"
    return _MATRICES.get(int(picture.colorspace), custom), is_full_range


def _tag(picture: av.VideoFrame) -> None:
    """Say on the picture what was assumed, so that it agrees with what the graph was built for."""
    matrix, is_full_range = _colours(picture)
    if not picture.format.is_rgb:
        picture.colorspace = next((number for number, name in _MATRICES.items() if name == matrix), _BT709)
    picture.color_range = _FULL_RANGE if is_full_range else 1


def _graph(picture: av.VideoFrame, crop: Crop, turn: int, canvas: tuple[int, int]) -> Graph:
    matrix, is_full_range = _colours(picture)
    span = "pc" if is_full_range else "tv"
    colorspace = "gbr" if picture.format.is_rgb else matrix
    graph = Graph()
    graph.threads = 1
    steps = [
        graph.add(
            "buffer",
            f"video_size={picture.width}x{picture.height}:pix_fmt={picture.format.name}:time_base=1/1000"
            f":colorspace={colorspace}:range={span}",
        ),
        graph.add("crop", f"{crop.width}:{crop.height}:{crop.x}:{crop.y}:exact=1"),
    ]
    steps += [graph.add("transpose", step) if step.endswith("clock") else graph.add(step) for step in _TURNS.get(turn, ())]
    flags = _SCALE if matrix == "bt709" and span == "tv" else _RECOLOUR
    inside = "" if picture.format.is_rgb else f":in_color_matrix={matrix}"
    steps += [
        graph.add(
            "scale",
            f"{canvas[0]}:{canvas[1]}:flags={flags}{inside}:in_range={span}:out_color_matrix=bt709:out_range=tv",
        ),
        graph.add("format", "pix_fmts=yuv420p"),
        graph.add("buffersink"),
    ]
    graph.link_nodes(*steps).configure()
    return graph


def _copy(picture: av.VideoFrame, crop: Crop, out: Plane) -> None:
    """Copy the crop of a yuv420p picture into `out`; the only copy between the decoder and the show."""
    flat = out.reshape(-1)
    start = 0
    for number, plane in enumerate(picture.planes):
        shift = 1 if number else 0
        height, width = crop.height >> shift, crop.width >> shift
        rows = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
        top, left = crop.y >> shift, crop.x >> shift
        flat[start : start + height * width].reshape(height, width)[:] = rows[top : top + height, left : left + width]
        start += height * width
