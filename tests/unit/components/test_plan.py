"""The plans of the committed stacks under mocks."""

import runpy
from collections.abc import Callable

import pytest

from rehearsal.project import SETTINGS_KEY
from tests.mock_engine import Deployed
from tests.plans import STACKS, settings_of


@pytest.mark.parametrize("stack", STACKS)
@pytest.mark.parametrize("preview", [True, False])
def test_every_committed_stack_registers_without_an_error(deploy: Callable[..., Deployed], stack: str, preview: bool):
    config = {SETTINGS_KEY: settings_of(stack)}

    deployed = deploy(lambda: runpy.run_path("__main__.py"), config=config, preview=preview)

    assert "todo-backend-release" in {registration.name for registration in deployed.registrations.values()}
