"""Adds a service to a workload file: `make service NAME=todo/reports`.

What is there stays as it is, comments included. A workload that has no file yet gets one.
"""

import sys
from collections.abc import Sequence
from io import StringIO
from pathlib import Path
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from components.platform.own_namespaces import is_own
from components.services.model import WORKLOADS, parse_workload, read_workload
from components.services.schema import FIRST_LINE
from stacks.model import Name
from stacks.problems import SettingsError
from stacks.workloads import ServiceName

ENTRY: Final[dict[str, Any]] = {
    "image": {"tag": "1.0.0"},
    "ports": {"http": 8080},
    "probes": {"readiness": {"path": "/health", "port": "http"}},
}
"""A service that answers at one port; everything else has defaults."""


def add_service(name: str, folder: Path = WORKLOADS) -> Path:
    """Adds `<workload>/<service>` to the workload's file, and answers which that is. Raises `SettingsError`."""
    workload, separator, service = name.partition("/")
    if not separator:
        raise SettingsError([f"expected <workload>/<service>, for example todo/reports, found {name!r}"], "name")
    _check("workload", workload, Name)
    _check("service", service, ServiceName)
    path = folder / f"{workload}.yaml"
    if path.exists():
        path.write_text(_with_service(path, workload, service), encoding="utf-8")
        return path
    if is_own(workload):
        raise SettingsError([f"the namespace {workload} is there already; give the workload another name"], "name")
    content = f"{FIRST_LINE}\n{_text({'services': {service: ENTRY}})}"
    parse_workload(workload, YAML(typ="safe").load(content))
    path.write_text(content, encoding="utf-8")
    return path


def _with_service(path: Path, workload: str, service: str) -> str:
    """The file with one service more, checked as a whole."""
    known = parse_workload(workload, read_workload(workload, path.parent))
    if service in known.services:
        raise SettingsError([f"{path}: there is a service {service} already"], "name")
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    end = _end_of_services(lines)
    margin = " " * _margin(lines[:end])
    entry = "".join(f"{margin}{line}\n" for line in _text({service: ENTRY}).splitlines())
    before = "".join(lines[:end])
    content = f"{before if before.endswith(chr(10)) else before + chr(10)}{entry}{''.join(lines[end:])}"
    try:
        parsed = parse_workload(workload, YAML(typ="safe").load(content))
    except YAMLError:
        parsed = known
    if parsed.services.keys() != {*known.services, service}:
        raise SettingsError([f"{path}: services is no block of lines by itself; write the service in by hand"], "name")
    return content


def _end_of_services(lines: Sequence[str]) -> int:
    """The line before which the next service goes: after the last line of `services` that says something."""
    begin = next((number for number, line in enumerate(lines) if line.startswith("services:")), len(lines))
    last = begin
    for number, line in enumerate(lines[begin + 1 :], begin + 1):
        if line.strip() and not line.startswith((" ", "#")):
            break
        if line.startswith(" "):
            last = number
    return last + 1


def _margin(lines: Sequence[str]) -> int:
    """How far the names of services stand from the margin, in lines that end with them."""
    begin = next((number for number, line in enumerate(lines) if line.startswith("services:")), 0)
    named = (line for line in lines[begin + 1 :] if line.strip() and not line.lstrip().startswith("#"))
    return next((len(line) - len(line.lstrip()) for line in named), 2)


def _text(content: dict[str, Any]) -> str:
    stream = StringIO()
    yaml = YAML()
    yaml.default_flow_style = None
    yaml.dump(content, stream)
    return stream.getvalue()


def _check(what: str, name: str, form: Any) -> None:
    try:
        TypeAdapter[str](form).validate_python(name)
    except ValidationError as error:
        (problem,) = error.errors()
        raise SettingsError([f"{what} {name!r}: {problem['msg'].removeprefix('Value error, ')}"], "name") from None


def main(arguments: Sequence[str] | None = None) -> int:
    """Adds the service that the command line names."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if len(given) != 1 or not given[0]:
        print("expected one name, for example: make service NAME=todo/reports", file=sys.stderr)
        return 2
    try:
        path = add_service(given[0])
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 1
    workload, _, service = given[0].partition("/")
    print(f"{path} has the service {service}. Stacks run it whose file (stacks/) names {workload} in its workloads.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
