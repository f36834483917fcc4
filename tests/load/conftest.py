"""The stand-in gateway, with a certificate that a run verifies."""

import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from rehearsal.control_plane import trust
from tests.load.run import Run, push_variables
from tests.load.stand_in import Behaviour, serving
from tests.programs import program

DOMAIN = "dev.example.com"
SHORTEN = 15
"""A smoke run of two seconds."""


@dataclass(frozen=True, kw_only=True)
class Ran:
    """What came of a run."""

    status: int
    said: str
    behaviour: Behaviour

    @property
    def crossed(self) -> str:
        """The line that names what does not hold, empty where all does."""
        return next((line for line in self.said.splitlines() if "have been crossed" in line), "")


Runs = Callable[..., Ran]


@pytest.fixture
def runs(tmp_path: Path) -> Iterator[Runs]:
    """Runs a script against a stand-in of its own. `pushes_to` is the address that gets the samples."""
    k6 = program("k6")
    authority = trust.authority(tmp_path, "authority")
    certificate, key = tmp_path / "gateway.pem", tmp_path / "gateway.key"
    trust.issue(authority, certificate, key, [f"*.{DOMAIN}"])
    known = {name: value for name, value in os.environ.items() if not name.startswith(("LOAD_", "K6_"))}

    with ExitStack() as open_until_the_end:

        def run(
            system: str,
            behaviour: Behaviour,
            *,
            profile: str = "smoke",
            environment: str = "dev",
            shorten: float = SHORTEN,
            pushes_to: str = "",
            **variables: str,
        ) -> Ran:
            stand_in = open_until_the_end.enter_context(serving(behaviour, certificate, key))
            asked = Run(
                system=system,
                profile=profile,
                domain=DOMAIN,
                environment=environment,
                address=stand_in.address,
                shorten=shorten,
            )
            told = {**known, **asked.variables(), "SSL_CERT_FILE": str(authority.certificate), "K6_NO_COLOR": "true"}
            if pushes_to:
                told |= {**push_variables(pushes_to), "K6_PROMETHEUS_RW_PUSH_INTERVAL": "1s"}
            command = asked.command(k6, pushes=bool(pushes_to))
            done = subprocess.run(command, env={**told, **variables}, capture_output=True, text=True, check=False)
            return Ran(status=done.returncode, said=done.stdout + done.stderr, behaviour=behaviour)

        yield run
