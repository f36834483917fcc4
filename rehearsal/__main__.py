"""`python -m rehearsal COMMAND STACK`: rehearses an engine's command, examines a first `up`, or lists what exists."""

import argparse
import math
import os
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, get_args

from rehearsal import destroy, inventory_report, places, runner, state
from rehearsal.places import Places
from rehearsal.project import Project, ProjectError
from rehearsal.providers.inventory import InventoryError
from rehearsal.setup.stamp import recorded_engine


def main(arguments: Sequence[str], here: Places) -> int:
    """Runs one command; what the user got wrong is one message on stderr and exit code 2."""
    options, flags = parser().parse_known_args(arguments)
    flags = [flag for flag in flags if flag != "--"]
    if getattr(options, "api", None):
        here = here.on(options.api)
    if options.command == "stop":
        return _stop(here, flags)
    if options.command == "inventory":
        if flags:
            print(f"An inventory takes no arguments: {' '.join(flags)}", file=sys.stderr)
            return 2
        return _told(lambda: inventory_report.show(here))
    if options.stack not in here.stacks():
        known = ", ".join(here.stacks()) or "none"
        print(f'There is no stack "{options.stack}". The stacks in {here.clone / "stacks"}: {known}.', file=sys.stderr)
        return 2
    try:
        _speed(os.environ.get("REHEARSAL_SPEED") or "0")
    except argparse.ArgumentTypeError as error:
        print(f"REHEARSAL_SPEED: {error}.", file=sys.stderr)
        return 2
    engine = recorded_engine(here.virtualenv)
    if engine is None:
        print("The engine is not set up, or gone from its cache: `make setup` brings it.", file=sys.stderr)
        return 1
    if options.command == "orders":
        return _told(lambda: _orders(here, engine, options, flags))
    if options.command == "report":
        return _told(lambda: _report(here, engine, options, flags))
    return _told(lambda: _rehearse(here, engine, options, flags))


def _told(run: Callable[[], int]) -> int:
    """What makes a run impossible is one message."""
    try:
        return run()
    except (ProjectError, runner.EngineError, InventoryError, state.StateError) as error:
        print(error, file=sys.stderr)
        return 1


def _stop(here: Places, flags: list[str]) -> int:
    from rehearsal import real_api

    if flags:
        print(f"`stop` takes no arguments: {' '.join(flags)}", file=sys.stderr)
        return 2
    return real_api.stop(here.on("real"))


def _rehearse(here: Places, engine: Path, options: argparse.Namespace, flags: list[str]) -> int:
    inventory_report.check(here)
    if here.api == "quick":
        variables = runner.environment(here, engine, options.speed)
        project = runner.prepare(here, options.stack, engine, variables, dict(options.set))
        return _run(here, engine, options, flags, project, variables)
    # Not imported for every other rehearsal: it takes a tenth of a second.
    from rehearsal import real_api

    real_api.resume(here)
    variables = {**runner.environment(here, engine, options.speed), **real_api.variables(here)}
    project = runner.prepare(here, options.stack, engine, variables, dict(options.set))
    with real_api.reachable(here, project.context) as reached:
        return _run(here, engine, options, flags, project, {**variables, **reached})


def _run(
    here: Places,
    engine: Path,
    options: argparse.Namespace,
    flags: list[str],
    project: Project,
    variables: Mapping[str, str],
) -> int:
    before = state.resources(state.checkpoint(here.state, project.name, project.stack))
    if options.command == "destroy" and (refusal := destroy.refusal(options.stack, before, flags)):
        print(refusal, file=sys.stderr)
        return 1
    accounts = inventory_report.accounts_of(here, before) if options.command == "destroy" else set()
    command = [str(engine), *runner.arguments(options.command, project, here, flags)]
    if options.command == "preview" and options.summary:
        return _summarised(here, command, project, variables, options.summary)
    status = runner.run(command, project.folder, variables)
    if options.command != "destroy" or status != 0:
        return status
    remaining = state.resources(state.checkpoint(here.state, project.name, project.stack))
    if unfinished := destroy.unfinished(options.stack, remaining, flags):
        print(unfinished, file=sys.stderr)
        return 1
    inventory_report.show_remainder(here, accounts)
    return status


def _summarised(here: Places, command: list[str], project: Project, variables: Mapping[str, str], summary: Path) -> int:
    """Runs a preview, then appends what it would change to a file, also where it failed."""
    from rehearsal import plan_summary

    with tempfile.TemporaryDirectory(prefix="summary-", dir=here.home) as folder:
        log = Path(folder) / "events.jsonl"
        status = runner.run(
            [*command, "--event-log", str(log)], project.folder, {**variables, "PULUMI_DEBUG_COMMANDS": "true"}
        )
        text = plan_summary.markdown(project.stack, plan_summary.read(log, here.clone))
    try:
        summary.parent.mkdir(parents=True, exist_ok=True)
        with summary.open("a", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise runner.EngineError(f"{summary}: {error.strerror}") from error
    return status


def _orders(here: Places, engine: Path, options: argparse.Namespace, flags: list[str]) -> int:
    # Not imported for every other command: the providers take a while.
    from rehearsal import orders

    if flags:
        print(f"`orders` takes no other flags: {' '.join(flags)}", file=sys.stderr)
        return 2
    # What is tried here in this process takes none of the time that the clouds would.
    os.environ.pop("REHEARSAL_SPEED", None)
    return orders.show(here, engine, options.stack, dict(options.set))


def _report(here: Places, engine: Path, options: argparse.Namespace, flags: list[str]) -> int:
    # Not imported for every other command: it takes a tenth of a second.
    from rehearsal import report
    from rehearsal.timing.imposed_waits import UnknownKindError
    from rehearsal.timing.simulation import OPERATIONS

    if flags:
        print(f"A report takes no other flags: {' '.join(flags)}", file=sys.stderr)
        return 2
    output = options.output or here.home / f"report-{options.stack}.html"
    parallel = options.parallel or OPERATIONS
    try:
        print(report.write(here, engine, options.stack, dict(options.set), output, parallel))
    except UnknownKindError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"The page is {output}")
    return 0


def _speed(text: str) -> float:
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


def parser() -> argparse.ArgumentParser:
    """What a rehearsal's own arguments are; all others are the engine's."""
    parser = argparse.ArgumentParser(prog="python -m rehearsal", description=__doc__, allow_abbrev=False)
    commands = parser.add_subparsers(
        dest="command", required=True, metavar="|".join([*runner.COMMANDS, "report", "orders", "inventory", "stop"])
    )
    for name in runner.COMMANDS:
        command = commands.add_parser(name, allow_abbrev=False, epilog="Other flags go to the engine as they are.")
        command.add_argument("stack")
        command.add_argument("--speed", type=_speed, help="real latency, this many times faster (default: none)")
        if name == "preview":
            command.add_argument(
                "--summary", type=_file, metavar="FILE", help="append what would change, in Markdown, for a reviewer"
            )
        _add_api(command)
        _add_settings(command)
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


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], places.from_environment()))
