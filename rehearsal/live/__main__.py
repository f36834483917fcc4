"""`python -m rehearsal.live`: runs what a stack deploys to watch itself on real programs, and says what holds."""

import argparse
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from rehearsal.live.deployed import deployed
from rehearsal.live.programs import ProofError
from rehearsal.live.proof import PARTS, Proof, parts_of


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns 0 where everything holds, 1 where something does not, 2 where it could not be found out."""
    parser = argparse.ArgumentParser(prog="python -m rehearsal.live", description=__doc__)
    parser.add_argument("--stack", default="gke-dev", help="committed stack whose plan is run (default: %(default)s)")
    parser.add_argument("--only", action="append", choices=PARTS, default=[], help="run this part alone")
    parser.add_argument("--keep", action="store_true", help="keep the folder with logs, configuration and data")
    options = parser.parse_args(arguments)
    before = signal.signal(signal.SIGTERM, _interrupt)
    began = time.monotonic()

    def say(text: str) -> None:
        print(f"{time.monotonic() - began:5.0f} s  {text}", file=sys.stderr, flush=True)

    folder = Path(tempfile.mkdtemp(prefix="groundwork-live-"))
    try:
        say(f"planning {options.stack}")
        report = Proof(deployed(options.stack), folder, parts_of(options.only), say).run()
    except ProofError as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\nInterrupted; nothing is left running.", file=sys.stderr)
        return 130
    finally:
        signal.signal(signal.SIGTERM, before)
        if options.keep:
            say(f"kept {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)
    print(f"{report.text()}\n\n{report.summary()}")
    say("holds" if not report.failures else f"{len(report.failures)} do not hold")
    return 1 if report.failures else 0


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
