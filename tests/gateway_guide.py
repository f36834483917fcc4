"""The workload file that the guide to the gateway shows, and what it shows of consumers."""

import re
from pathlib import Path

GUIDE = Path("docs/gateway.md")
_YAML = re.compile(r"^```yaml\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def example() -> str:
    """The worked example."""
    found, _consumers = _YAML.findall(GUIDE.read_text(encoding="utf-8"))
    return found


def consumers() -> str:
    """Consumers with every sort of credential: a part of a workload file."""
    _example, found = _YAML.findall(GUIDE.read_text(encoding="utf-8"))
    return found
