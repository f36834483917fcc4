"""Runs a load test: `python -m tests.load SYSTEM [PROFILE] --stack STACK`. Credentials come from the environment alone.

Ends with k6's status: 99 where a threshold does not hold.
"""

import argparse
import os
import subprocess
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from rehearsal.setup import load_program
from rehearsal.setup.errors import SetupError
from stacks.problems import SettingsError
from stacks.settings import parse
from stacks.stack_file import STACKS, StackFileError, read
from tests.load.replicas import one_address
from tests.load.run import PROFILES, SYSTEMS, Run, push_variables


def parser() -> argparse.ArgumentParser:
    """The words of the command line."""
    made = argparse.ArgumentParser(prog="python -m tests.load", description="Runs a load test through the gateway.")
    made.add_argument("system", choices=SYSTEMS)
    made.add_argument("profile", choices=PROFILES, nargs="?", default="smoke")
    made.add_argument("--stack", default="gke-dev", help="whose domain is asked, with the levels of its environment")
    made.add_argument("--name", default="", help="tells this run apart on the dashboard")
    made.add_argument("--only", action="append", default=[], metavar="SCENARIO", help="may be given several times")
    made.add_argument("--clients", type=int, default=1, metavar="N", help="speaks for so many, whom limits let ask")
    made.add_argument("--address", default="", metavar="HOST:PORT", help="where the gateway is forwarded to")
    made.add_argument(
        "--write-to",
        action="append",
        default=[],
        metavar="URL",
        help="takes remote writes of the samples; once for each replica",
    )
    made.add_argument("--shorten", type=float, default=1, metavar="N", help="divides every span of time by this")
    return made


def main(arguments: Sequence[str], folder: Path = STACKS) -> int:
    """Runs it; what the user got wrong is one message on stderr."""
    options = parser().parse_args(arguments)
    try:
        stack = parse(read(options.stack, folder).settings)
        k6 = load_program.find()
    except (SettingsError, StackFileError, SetupError) as error:
        print(error, file=sys.stderr)
        return 1
    run = Run(
        system=options.system,
        profile=options.profile,
        domain=stack.domain,
        environment=stack.environment,
        name=options.name,
        address=options.address,
        only=options.only,
        clients=options.clients,
        shorten=options.shorten,
    )
    with ExitStack() as open_until_the_end:
        told = {**os.environ, **run.variables()}
        if options.write_to:
            told |= push_variables(open_until_the_end.enter_context(one_address(options.write_to)))
        return subprocess.run(run.command(k6, pushes=bool(options.write_to)), env=told, check=False).returncode


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        # k6 was interrupted as well, has removed what it made, and has said what came of it.
        sys.exit(130)
