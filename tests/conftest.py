"""Fixtures of every test."""

import gc
from collections.abc import Callable
from typing import Any

import pytest

from rehearsal.setup import live_programs, toolchain
from tests import mock_engine, programs
from tests.mock_engine import Deployed

# The SDKs' modules stay to the end: a collector that often walks through them takes half the time of the plans.
gc.set_threshold(100_000)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skips what runs on a real Kubernetes API where its programs are not there, saying how to get them."""
    if item.get_closest_marker("real") and toolchain.installed() is None:
        pytest.skip(toolchain.MISSING)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Says how to get what was skipped, which a summary by numbers hides."""
    reasons = [str(one.longrepr) for one in terminalreporter.stats.get("skipped", [])]
    real = sum(toolchain.MISSING in reason for reason in reasons)
    if real:
        terminalreporter.write_line(f"{real} skipped on a real Kubernetes API: {toolchain.MISSING}")
    for name in live_programs.TOOLS:
        count = sum(programs.missing(name) in reason for reason in reasons)
        if count:
            terminalreporter.write_line(f"{count} skipped without {name}: {programs.missing(name)}")


@pytest.fixture
def deploy() -> Callable[..., Deployed]:
    """Runs a program under Pulumi mocks to its end and returns what it registered."""
    return mock_engine.run


@pytest.fixture(scope="module")
def deploy_once() -> Callable[[Callable[[], Any], Any], Deployed]:
    """Like `deploy`, but equal settings are deployed once for all tests of a module, which only read the result."""
    known: dict[str, Deployed] = {}

    def deployed(program: Callable[[], Any], settings: Any) -> Deployed:
        key = repr(settings)
        if key not in known:
            known[key] = mock_engine.run(program)
        return known[key]

    return deployed
