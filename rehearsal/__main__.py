"""`python -m rehearsal COMMAND STACK`: rehearses an engine's command, examines a first `up`, or lists what exists."""

import argparse
import os
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from rehearsal import destroy, inventory_report, places, runner, state
from rehearsal.arguments import parser, speed
from rehearsal.places import Places
from rehearsal.project import Project, ProjectError
from rehearsal.providers.inventory import InventoryError
from rehearsal.providers.kubernetes import vault
from rehearsal.setup.stamp import recorded_engine


def main(arguments: Sequence[str], here: Places) -> int:
    """Runs one command; what the user got wrong is one message on stderr and exit code 2."""
    options, flags = parser().parse_known_args(arguments)
    flags = [flag for flag in flags if flag != "--"]
    if getattr(options, "api", None):
        here = here.on(options.api)
    if options.command == "stop":
        return _told(lambda: _stop(here, flags))
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
        speed(os.environ.get("REHEARSAL_SPEED") or "0")
    except argparse.ArgumentTypeError as error:
        print(f"REHEARSAL_SPEED: {error}.", file=sys.stderr)
        return 2
    engine = recorded_engine(here.virtualenv)
    if engine is None:
        print("The engine is not set up, or gone from its cache: `make setup` brings it.", file=sys.stderr)
        return 1
    if obstacle := here.obstacle():
        print(obstacle, file=sys.stderr)
        return 1
    if options.command == "orders":
        return _told(lambda: _orders(here, engine, options, flags))
    if options.command == "report":
        return _told(lambda: _report(here, engine, options, flags))
    return _told(lambda: _rehearse(here, engine, options, flags))


def _told(run: Callable[[], int]) -> int:
    """What makes a run impossible is one message, and so is what the user cut short."""
    try:
        return run()
    except (ProjectError, runner.EngineError, InventoryError, state.StateError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nInterrupted; `make stop` ends the control planes that run.", file=sys.stderr)
        return 130


def _stop(here: Places, flags: list[str]) -> int:
    from rehearsal import real_api

    if flags:
        print(f"`stop` takes no arguments: {' '.join(flags)}", file=sys.stderr)
        return 2
    return real_api.stop(here.on("real"))


def _rehearse(here: Places, engine: Path, options: argparse.Namespace, flags: list[str]) -> int:
    inventory_report.check(here)
    vault.keep_absent(here.home, options.absent_secret)
    if here.api == "quick" or options.command == "outputs":
        variables = runner.environment(here, engine, options.speed)
        project = runner.prepare(here, options.stack, engine, variables, dict(options.set))
        return _run(here, engine, options, flags, project, variables)
    # Not imported for every other rehearsal: it takes a tenth of a second.
    from rehearsal import real_api

    real_api.build(here)
    variables = {**runner.environment(here, engine, options.speed), **real_api.variables(here)}
    project = runner.prepare(here, options.stack, engine, variables, dict(options.set))
    real_api.resume(here, state.resources(_checkpoint(here, project)))
    with real_api.reachable(here, options.stack, project.context) as reached:
        status = _run(here, engine, options, flags, project, {**variables, **reached})
        if options.command == "destroy" and status == 0 and not state.resources(_checkpoint(here, project)):
            real_api.end(here, project.context)
        return status


def _run(
    here: Places,
    engine: Path,
    options: argparse.Namespace,
    flags: list[str],
    project: Project,
    variables: Mapping[str, str],
) -> int:
    before = state.resources(_checkpoint(here, project))
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
    remaining = state.resources(_checkpoint(here, project))
    if unfinished := destroy.unfinished(options.stack, remaining, flags):
        print(unfinished, file=sys.stderr)
        return 1
    inventory_report.show_remainder(here, accounts)
    return status


def _checkpoint(here: Places, project: Project) -> Path:
    return state.checkpoint(here.state, project.name, project.stack)


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


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], places.from_environment()))
