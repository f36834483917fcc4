"""The arguments of `python -m rehearsal`: what they may be, and what is wrong with those that may not."""

import argparse
import math
from pathlib import Path
from typing import Any, get_args

from rehearsal import places, runner

_DESCRIPTION = "Rehearses an engine's command on a stack, examines a first `up`, or lists what exists."


def parser() -> argparse.ArgumentParser:
    """What a rehearsal's own arguments are; all others are the engine's."""
    parser = argparse.ArgumentParser(prog="python -m rehearsal", description=_DESCRIPTION, allow_abbrev=False)
    commands = parser.add_subparsers(
        dest="command", required=True, metavar="|".join([*runner.COMMANDS, "report", "orders", "inventory", "stop"])
    )
    for name in runner.COMMANDS:
        command = commands.add_parser(name, allow_abbrev=False, epilog="Other flags go to the engine as they are.")
        command.add_argument("stack")
        command.add_argument("--speed", type=speed, help="real latency, this many times faster (default: none)")
        if name == "preview":
            command.add_argument(
                "--summary", type=_file, metavar="FILE", help="append what would change, in Markdown, for a reviewer"
            )
        _add_api(command)
        _add_settings(command)
        command.add_argument(
            "--absent-secret",
            action="append",
            default=[],
            metavar="NAME",
            help="a secret that nobody has put into the vault, where all others are taken to be",
        )
    timed = commands.add_parser("report", allow_abbrev=False, help="a page about the time that a first up takes")
    timed.add_argument("stack")
    timed.add_argument("--output", type=_file, metavar="FILE", help="default: report-STACK.html in .rehearsal/")
    timed.add_argument(
        "--parallel",
        type=_count,
        metavar="N",
        help="operations at once (default: 16, the engine's own on four cores)",
    )
    _add_settings(timed)
    ordered = commands.add_parser(
        "orders", allow_abbrev=False, help="whether a first up succeeds in whatever order things are created"
    )
    ordered.add_argument("stack")
    _add_settings(ordered)
    listed = commands.add_parser("inventory", help="what exists, and what of it no state knows")
    _add_api(listed)
    commands.add_parser("stop", help="stop every control plane of this rehearsal; what they hold stays")
    return parser


def speed(text: str) -> float:
    """How many times faster than real latency. Raises `argparse.ArgumentTypeError`."""
    try:
        speed = float(text)
    except ValueError:
        speed = math.nan
    if not math.isfinite(speed) or speed < 0:
        raise argparse.ArgumentTypeError(f"{text!r} is no finite number of at least 0")
    return speed


def _setting(text: str) -> tuple[str, Any]:
    import yaml

    path, separator, value = text.partition("=")
    if not separator or not path:
        raise argparse.ArgumentTypeError(f"{text!r} is not of the form path=value")
    try:
        return path, yaml.safe_load(value)
    except yaml.YAMLError as error:
        raise argparse.ArgumentTypeError(f"the value of {path} is not YAML: {value}") from error


def _file(text: str) -> Path:
    """A file to write to, with the folders that it needs. What is in its way is told now, not after minutes of work."""
    file = Path(text)
    if not text or file.is_dir():
        raise argparse.ArgumentTypeError(f"{text!r} is a folder, not a file")
    for folder in file.absolute().parents:
        if folder.exists() and not folder.is_dir():
            raise argparse.ArgumentTypeError(f"{folder} is a file, not a folder")
    return file


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number of at least 1")
    return int(text)


def _add_api(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--api",
        choices=get_args(places.Api),
        help="what answers for a cluster: a model in memory (quick, the default) or Kubernetes itself (real)",
    )


def _add_settings(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--set", type=_setting, action="append", default=[], metavar="PATH=VALUE", help="a setting for this run"
    )
