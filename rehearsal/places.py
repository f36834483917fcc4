"""Where a rehearsal keeps what it makes, and where in the clone it finds what it runs."""

import errno
import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

Api = Literal["quick", "real"]
"""What answers for a rehearsed cluster: a model of Kubernetes in memory, or a Kubernetes API server on loopback."""

CLONE = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Places:
    """The folders of one rehearsal. Only `home` is ever written to."""

    home: Path
    """State, inventory, generated projects and the engine's own files; absolute."""

    clone: Path = CLONE
    """The project that is rehearsed."""

    api: Api = "quick"

    def on(self, api: Api) -> "Places":
        """The same rehearsal on another API. Each keeps what is up to itself."""
        return self if api == self.api else replace(self, home=self.home / api, api=api)

    def obstacle(self) -> str | None:
        """Why nothing can be kept in `home`; None where it can."""
        try:
            self.home.mkdir(parents=True, exist_ok=True)
            reason = "" if os.access(self.home, os.W_OK | os.X_OK) else os.strerror(errno.EACCES)
        except OSError as error:
            reason = error.strerror
        if not reason:
            return None
        return f"A rehearsal keeps all that it makes in {self.home}: {reason}. REHEARSAL_HOME names another folder."

    @property
    def state(self) -> Path:
        return self.home / "state"

    @property
    def inventory(self) -> Path:
        return self.home / "inventory.sqlite"

    @property
    def executables(self) -> Path:
        """Language host and providers, as the engine looks for them."""
        return CLONE / "rehearsal" / "bin"

    @property
    def stand_ins(self) -> Path:
        """What stands in for the clouds' own commands on a real API."""
        return CLONE / "rehearsal" / "stand_ins"

    @property
    def virtualenv(self) -> Path:
        return CLONE / ".venv"

    def project(self, stack: str) -> Path:
        """The generated project folder that the engine runs a stack from."""
        return self.home / "projects" / stack

    def stack_file(self, stack: str) -> Path:
        """The stack's settings in the clone."""
        return self.clone / "stacks" / f"Pulumi.{stack}.yaml"

    def stacks(self) -> list[str]:
        """The names of all stacks of the clone."""
        files = (self.clone / "stacks").glob("Pulumi.*.yaml")
        return sorted(file.name.removeprefix("Pulumi.").removesuffix(".yaml") for file in files)


def from_environment() -> Places:
    """The places of the rehearsal that the caller's REHEARSAL_HOME names, by default those inside the clone."""
    chosen = os.environ.get("REHEARSAL_HOME")
    return Places(Path(chosen).absolute() if chosen else CLONE / ".rehearsal")
