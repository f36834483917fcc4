"""`python3 -m rehearsal.setup`: makes whatever is missing. Any Python 3 reads this file, to say that it is too old."""

import os
import sys

OLDEST = (3, 11)


def newer_python():
    """A Python on PATH that is new enough, None where there is none."""
    for minor in range(20, OLDEST[1] - 1, -1):
        for folder in os.environ.get("PATH", os.defpath).split(os.pathsep):
            candidate = os.path.join(folder, "python3.%d" % minor)
            if os.access(candidate, os.X_OK):
                return candidate
    return None


def main():
    """Continues with a Python that is new enough."""
    if sys.version_info >= OLDEST:
        from rehearsal.setup.steps import run

        return run()
    newer = newer_python()
    if newer and not os.environ.get("GROUNDWORK_SETUP"):
        os.environ["GROUNDWORK_SETUP"] = newer
        os.execv(newer, [newer, "-m", "rehearsal.setup"])
    sys.stderr.write(
        "Groundwork needs Python %d.%d or newer and found %s. Install one (https://www.python.org/downloads/, or your\n"
        "system's package manager) and make sure that it comes first on PATH.\n" % (OLDEST + (sys.version.split()[0],))
    )
    return 1


if __name__ == "__main__":
    sys.exit(main())
