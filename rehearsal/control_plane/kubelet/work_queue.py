"""Tasks that wait to be done, each once, some of them only after a while."""

import time
from collections.abc import Callable

Task = tuple[str, str]
"""What is to be looked at: a kind of task and the key of an object."""


class WorkQueue:
    """A task that is added again while it waits is done at the earlier of the two times."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._due: dict[Task, float] = {}

    def add(self, task: Task, seconds: float = 0.0) -> None:
        """Has it done once so many seconds have passed."""
        due = self._clock() + seconds
        self._due[task] = min(due, self._due.get(task, due))

    def take(self) -> list[Task]:
        """What is due by now, in the order in which it became so."""
        now = self._clock()
        ready = sorted((due, task) for task, due in self._due.items() if due <= now)
        for _, task in ready:
            del self._due[task]
        return [task for _, task in ready]

    @property
    def seconds(self) -> float | None:
        """How long nothing is due, None where nothing waits."""
        return max(0.0, min(self._due.values()) - self._clock()) if self._due else None
