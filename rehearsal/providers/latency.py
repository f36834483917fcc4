"""How long the real thing would take, scaled by REHEARSAL_SPEED (unset or 0: no waiting; 60: sixty times faster)."""

import json
import os
import threading
import time
from collections import defaultdict
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from rehearsal.providers import paths

_DURATIONS = Path(__file__).with_name("durations.json")
_serial: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
_serial_guard = threading.Lock()


def seconds(
    resource_type: str, operation: str, variant: str | None = None, inputs: Mapping[str, Any] | None = None
) -> float:
    """The typical duration of an operation; a second where the table has no line for the type.

    The first of the type's cases that the inputs fit decides, where there are any.
    """
    entry = _table().get(resource_type, {})
    if variant is not None:
        entry = entry.get("charts", {}).get(variant, entry)
    for case in entry.get("cases", ()) if inputs else ():
        found = paths.first(inputs, case["path"])
        if f"{operation}_s" in case and found is not None and found == case.get("is", found):
            return float(case[f"{operation}_s"])
    return float(entry.get(f"{operation}_s", 1))


def knows(resource_type: str, variant: str | None = None) -> bool:
    """Whether the table has a line for the type and, where a variant is given, for the variant."""
    entry = _table().get(resource_type)
    return entry is not None and (variant is None or variant in entry.get("charts", {}))


def serial_group(resource_type: str) -> str | None:
    """The property whose value names the queue that operations on this type stand in."""
    group = _table()["_meta"]["serial_groups"].get(resource_type)
    return group["by"] if group else None


def wait(
    resource_type: str,
    operation: str,
    *,
    variant: str | None = None,
    inputs: Mapping[str, Any] | None = None,
    queue: str | None = None,
) -> None:
    """Sleeps as long as the operation takes, behind whatever stands in the same queue."""
    speed = float(os.environ.get("REHEARSAL_SPEED") or 0)
    if speed <= 0:
        return
    duration = seconds(resource_type, operation, variant, inputs) / speed
    if queue is None:
        time.sleep(duration)
        return
    with _serial_guard:
        lock = _serial[queue]
    with lock:
        time.sleep(duration)


@cache
def _table() -> dict[str, Any]:
    return json.loads(_DURATIONS.read_text())
