"""The workload files that the guide to Dapr shows."""

import re
from pathlib import Path

GUIDE = Path("docs/dapr.md")
_YAML = re.compile(r"^```yaml\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def examples() -> list[str]:
    """In their order: the worked example, and the one with a broker of the user's."""
    return _YAML.findall(GUIDE.read_text(encoding="utf-8"))
