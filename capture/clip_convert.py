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
        self._look_at(picture)
        if self._graph is None:
            _copy(picture, self._crop, out)
        else:
            _copy(_through(self._graph, picture), Crop(0, 0, *self._canvas), out)

    def converted(self, picture: av.VideoFrame) -> av.VideoFrame:
        """The picture as yuv420p of the canvas' size, which may be odd; itself where it is that already.

        Raises FFmpegError as `convert` does.
        """
        self._look_at(picture)
        if self._graph is None and (picture.width, picture.height) == self._canvas:
            return picture
        if self._graph is None:
            self._graph = _graph(picture, self._crop, 0, self._canvas)
        return _through(self._graph, picture)

    @property
    def is_copying(self) -> bool:
        """Whether the newest picture needed no conversion."""
        return bool(self._nature) and self._graph is None

    def _look_at(self, picture: av.VideoFrame) -> None:
        nature = (picture.format.name, picture.width, picture.height, picture.colorspace, picture.color_range, picture.rotation)
        if nature != self._nature:
            self._prepare(picture)
            self._nature = nature

    def _prepare(self, picture: av.VideoFrame) -> None:
        turn, is_lying = _turn(picture)
        width, height = self._canvas
        self._crop = crop = cover((picture.width, picture.height), (height, width) if is_lying else (width, height), self._pixel_aspect)
        matrix, is_full_range = _colours(picture)
        is_plain = picture.format.name == "yuv420p" and matrix == "bt709" and not is_full_range and not turn
        if is_plain and (crop.width, crop.height) == self._canvas:
            self._graph = None
        else:
            self._graph = _graph(picture, crop, turn, self._canvas)


def upright_size(picture: av.VideoFrame, pixel_aspect: Fraction = Fraction(1)) -> tuple[int, int]:
    """(width, height) of a picture turned as its clip says, in square pixels; the side that would shrink is kept, the other grows."""
    width, height = round(picture.width * max(pixel_aspect, Fraction(1))), round(picture.height / min(pixel_aspect, Fraction(1)))
    _, is_lying = _turn(picture)
    return (height, width) if is_lying else (width, height)


def _turn(picture: av.VideoFrame) -> tuple[int, bool]:
    """(degrees anticlockwise that its clip asks for, in quarters; whether that changes width and height)."""
    turn = round(picture.rotation / 90) * 90 % 360
    return turn, turn in {90, 270}


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


def _through(graph: Graph, picture: av.VideoFrame) -> av.VideoFrame:
    _tag(picture)
    graph.vpush(picture)
    return graph.vpull()


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
