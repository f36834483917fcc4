"""The worked examples of the guide to secrets."""

import re
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

_YAML = re.compile(r"^```yaml\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE)


def _texts() -> tuple[str, str]:
    """The workload file, and what is said of a HashiCorp Vault in a stack file."""
    workload, settings = (found["text"] for found in _YAML.finditer(Path("docs/secrets.md").read_text()))
    return workload, settings


def workload_file() -> str:
    return _texts()[0]


def workload() -> dict[str, Any]:
    return YAML(typ="safe").load(workload_file())


def vault_settings() -> dict[str, Any]:
    return YAML(typ="safe").load(_texts()[1])
