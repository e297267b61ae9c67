"""Where an engine keeps things."""

from dataclasses import dataclass
from pathlib import Path

from studio.engine.runtime import RuntimeFolder


@dataclass(frozen=True, slots=True)
class Home:
    """Its runtime folder, the profile it writes changes to (None: nowhere), the rules file if any."""

    runtime: RuntimeFolder
    profile: Path | None
    rules: Path | None = None

    @property
    def kept(self) -> Path:
        """The folder of what outlives the engine, beside the profile."""
        return self.profile.parent if self.profile is not None else self.runtime.folder
