"""What is burned into the picture, and the pixel work that the hub asks for: `AirOverlays` and `ConvertTools`.

Nothing else of this package is imported from outside, but `overlays.raster.ensure_gui_app`, which the engine's main thread calls, and
`warm_up`, which spares the first frame the loading of the compiled kernels.
"""

from overlays.air import AirOverlays
from overlays.convert import ConvertTools
from overlays.warm import warm_up

__all__ = ["AirOverlays", "ConvertTools", "warm_up"]
