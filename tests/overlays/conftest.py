"""One application for all of these tests, and the fonts in it."""

import pytest

from overlays.raster import ensure_gui_app


@pytest.fixture(autouse=True, scope="session")
def _one_application(qapp):
    """The window tests of the same process need a QApplication, so it is made first; painting is content with any."""
    ensure_gui_app()
    return qapp
