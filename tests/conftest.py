"""Fixtures of every test."""

from collections.abc import Callable

import pytest

from tests import mock_engine
from tests.mock_engine import Deployed


@pytest.fixture
def deploy() -> Callable[..., Deployed]:
    """Runs a program under Pulumi mocks to its end and returns what it registered."""
    return mock_engine.run
