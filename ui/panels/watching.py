"""How a panel hears of news: it names the kinds that it shows, and shows them anew when one of them comes.

It refuses functions without an owner: a method's connection ends with its widget, so a window that was rebuilt leaves nothing behind.
"""

from abc import abstractmethod

from ui.bridge import Bridge


class Watching:
    """Beside QWidget or QFrame in a panel's bases."""

    _kinds: frozenset[str] = frozenset()

    def watch(self, bridge: Bridge, *kinds: str, with_link: bool = False) -> None:
        """Show anew at messages of these kinds; `with_link` also when the engine is lost or found."""
        self._kinds = frozenset(kinds)
        bridge.changed.connect(self._on_changed)
        if with_link:
            bridge.link_changed.connect(self._on_link)

    def _on_changed(self, kind: str) -> None:
        if kind in self._kinds:
            self.refresh()

    def _on_link(self, _link: str) -> None:
        self.refresh()

    @abstractmethod
    def refresh(self) -> None:
        """Show what the room says, now."""
