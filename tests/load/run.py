"""One run of k6: its command line, and what its script is told by the environment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

SCRIPTS = Path(__file__).parent
SYSTEMS = tuple(sorted(path.stem for path in SCRIPTS.glob("*.js")))
PROFILES = ("smoke", "load", "stress", "spike", "soak")

TREND_STATS = "p(95),p(99)"
"""What Prometheus gets of each duration: k6_http_req_duration_p95 and so on. By itself k6 sends p(99) alone."""


@dataclass(frozen=True, kw_only=True)
class Run:
    """What is asked of whom, and how hard."""

    system: str
    profile: str
    domain: str
    """The stack's. A system is at the host of its name below it."""

    environment: str
    """dev, staging or prod: which levels are taken."""

    name: str = ""
    """Tells runs apart, as `testid` of each sample. Without one: system, environment and profile."""

    address: str = ""
    """`address:port` that is asked in the place of the host, under the host's name."""

    only: Sequence[str] = ()
    """Scenarios; all of the system's, where none is named."""

    clients: int = 1
    """How many addresses it speaks for, where the gateway trusts it to (`gateway.trusted_proxies`)."""

    shorten: float = 1
    """Every span of time is divided by this."""

    def variables(self) -> Mapping[str, str]:
        """What the script reads (lib/settings.js). Credentials are in the environment already, and stay there."""
        return {
            "LOAD_DOMAIN": self.domain,
            "LOAD_ENVIRONMENT": self.environment,
            "LOAD_PROFILE": self.profile,
            "LOAD_TEST": self.name,
            "LOAD_ADDRESS": self.address,
            "LOAD_ONLY": ",".join(self.only),
            "LOAD_CLIENTS": str(self.clients),
            "LOAD_SHORTEN": str(self.shorten),
        }

    def command(self, k6: Path, *, pushes: bool) -> list[str]:
        """The command line. Where it pushes, samples go to Prometheus as they come."""
        output = ["--out", "experimental-prometheus-rw"] if pushes else []
        return [str(k6), "run", "--no-usage-report", *output, str(SCRIPTS / f"{self.system}.js")]


def push_variables(url: str) -> Mapping[str, str]:
    """What k6 is told about the address that takes remote writes."""
    return {
        "K6_PROMETHEUS_RW_SERVER_URL": url,
        "K6_PROMETHEUS_RW_TREND_STATS": TREND_STATS,
        # Ends each series with the run, so that a panel does not show its last value for five minutes more.
        "K6_PROMETHEUS_RW_STALE_MARKERS": "true",
    }
