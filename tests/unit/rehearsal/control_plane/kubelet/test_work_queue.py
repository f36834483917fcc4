"""Tasks come when they are due, each once."""

from rehearsal.control_plane.kubelet.work_queue import WorkQueue
from tests.unit.rehearsal.control_plane.kubelet.fake_api import Clock


def test_a_task_is_done_once_at_the_earliest_time_that_was_asked_for():
    clock = Clock()
    queue = WorkQueue(clock)
    queue.add(("a", "x"), 5.0)
    queue.add(("a", "x"), 1.0)
    queue.add(("a", "x"), 9.0)

    assert (queue.seconds, queue.take()) == (1.0, [])
    clock.now += 1.0

    assert (queue.seconds, queue.take()) == (0.0, [("a", "x")])
    assert (queue.seconds, queue.take()) == (None, [])


def test_tasks_come_in_the_order_in_which_they_are_due():
    clock = Clock()
    queue = WorkQueue(clock)
    queue.add(("late", ""), 2.0)
    queue.add(("soon", ""), 1.0)
    clock.now += 3.0

    assert queue.take() == [("soon", ""), ("late", "")]
