"""One application for all of these tests, the fonts in it, and warm kernels."""

import pytest

from overlays.raster import ensure_gui_app
from overlays.warm import warm_up


@pytest.fixture(autouse=True, scope="session")
def _one_application(qapp):
    """The window tests of the same process need a QApplication, so it is made first; painting is content with any."""
    ensure_gui_app()
    warm_up().join(60)
    return qapp
