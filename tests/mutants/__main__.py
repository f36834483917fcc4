"""`python -m tests.mutants`: the score by kind and cloud, and every mutant that survives the checks."""

import sys
import time

from rehearsal.places import CLONE

# The contract check is a program of its own, as the engine starts it.
sys.path.insert(1, str(CLONE / "policies"))


def main() -> int:
    """Exit code 1 where too many survive, or where the checks object to what is whole."""
    from tests.mutants.score import WANTED, caught, scores, table

    started = time.monotonic()
    found = scores()
    good, made = caught(found)
    print(table(found))
    for one in found:
        for text in (*(f"FALSE ALARM {alarm}" for alarm in one.false_alarms), *one.survivors()):
            print(text if text.startswith("FALSE") else f"survives: {text}")
    print(f"{good} of {made} caught, {good / made:.2%}; {WANTED:.0%} are wanted. {time.monotonic() - started:.0f} s")
    return 0 if good >= WANTED * made and not any(one.false_alarms for one in found) else 1


if __name__ == "__main__":
    sys.exit(main())
