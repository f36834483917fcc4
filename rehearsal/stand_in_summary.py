"""What a run on a real API says of releases that were not run from their own charts."""

from pathlib import Path

from rehearsal.providers.kubernetes_api.releases.stand_in_record import stand_ins


def lines(home: Path, stack: str) -> list[str]:
    """One line for each release of a stack's last run that a stand-in stood in for; none where there was none.

    `home` is the folder of the real mode.
    """
    found = stand_ins(home, stack)
    if not found:
        return []
    named = [f"  {one.release}: {one.chart} {one.version} ({one.host} cannot be reached)" for one in found]
    return [
        "Not run from their charts, but from stand-ins that bring and need what is known of them:",
        *named,
        "A folder of charts in the stack's `chart_mirror` setting makes them real.",
    ]
