"""What is installed in a program's environment, and which plugins it needs, read from the files without running it."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rehearsal.language_host.runtime_options import RuntimeOptions

_METADATA = re.compile(r"^(?P<name>.+)-(?P<version>[^-]+)\.dist-info$")
_PEP_440 = re.compile(
    r"^(?P<release>\d+(\.\d+)*)((?P<stage>a|b|rc)(?P<number>\d+))?(\.post(?P<post>\d+))?(\.dev(?P<dev>\d+))?$"
)
_STAGES = {"a": "alpha", "b": "beta", "rc": "rc"}
_WITHOUT_PLUGIN = {"pulumi", "pulumi-policy", "pulumi-esc-sdk"}


@dataclass(frozen=True)
class Package:
    """An installed distribution."""

    name: str
    version: str
    folder: Path
    """Where its modules are."""

    def plugin(self) -> dict[str, Any] | None:
        """Name, version, server and parameterization of the resource plugin it needs, if it needs one."""
        described = self.folder / self.name.replace("-", "_") / "pulumi-plugin.json"
        if described.is_file():
            plugin = json.loads(described.read_text())
            if not plugin.get("resource"):
                return None
        elif self.name.startswith("pulumi-") and self.name not in _WITHOUT_PLUGIN:
            plugin = {}
        else:
            return None
        version = plugin.get("version") or plugin_version(self.version)
        if version is None:
            return None
        return {
            **plugin,
            "name": plugin.get("name") or self.name.removeprefix("pulumi-"),
            "version": "v" + version.removeprefix("v"),
        }


def installed(options: RuntimeOptions) -> Iterator[Package]:
    """Every distribution in the program's environment, by name."""
    for folder in _library_folders(options.interpreter()):
        for entry in sorted(folder.glob("*.dist-info")):
            if match := _METADATA.match(entry.name):
                yield Package(match["name"].replace("_", "-").lower(), match["version"], folder)


def direct(options: RuntimeOptions) -> list[Package]:
    """The distributions that no other installed one asks for."""
    packages = list(installed(options))
    wanted: set[str] = set()
    for package in packages:
        for metadata in package.folder.glob(
            f"{package.name.replace('-', '[-_]')}-{package.version}.dist-info/METADATA"
        ):
            for requirement in re.findall(r"^Requires-Dist: ([A-Za-z0-9._-]+)", metadata.read_text(), re.MULTILINE):
                wanted.add(requirement.replace("_", "-").lower())
    return [package for package in packages if package.name not in wanted]


def plugin_version(version: str) -> str | None:
    """A Python version as a plugin's semantic version: 1.2.3rc4 is 1.2.3-rc.4. None where it has no equivalent."""
    match = _PEP_440.match(version)
    if match is None:
        return None
    release = match["release"].split(".")
    result = ".".join(release + ["0"] * (3 - len(release)))
    if match["stage"]:
        result += f"-{_STAGES[match['stage']]}.{match['number']}"
    build = (f"post{match['post']}" if match["post"] else "") + (f"dev{match['dev']}" if match["dev"] else "")
    return f"{result}+{build}" if build else result


def _library_folders(interpreter: str) -> list[Path]:
    environment = Path(interpreter).parent.parent
    if (environment / "pyvenv.cfg").is_file():
        return sorted((environment / "lib").glob("python3*/site-packages"))
    if interpreter == sys.executable:
        return [Path(entry) for entry in sys.path if Path(entry).is_dir()]
    command = [interpreter, "-c", "import json, sys; print(json.dumps(sys.path))"]
    paths = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    return [Path(entry) for entry in paths if entry and Path(entry).is_dir()]
