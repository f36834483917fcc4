"""`python -m tests.verdicts`: writes docs/verdicts.md; with `--record`, asks both modes about every case before."""

import argparse
import sys

from rehearsal.places import CLONE
from rehearsal.setup import toolchain

# The contract check is a program of its own, as the engine starts it.
sys.path.insert(1, str(CLONE / "policies"))


def main() -> None:
    from tests.verdicts.page import PAGE, page

    parser = argparse.ArgumentParser(prog="python -m tests.verdicts", description=__doc__)
    parser.add_argument("--record", action="store_true", help="ask quick and a real API about every case again")
    if parser.parse_args().record:
        if toolchain.installed() is None:
            parser.exit(1, f"recording {toolchain.MISSING}\n")
        from tests.verdicts.record import record

        record()
    PAGE.write_text(page(toolchain.KUBERNETES), encoding="utf-8")


if __name__ == "__main__":
    main()
