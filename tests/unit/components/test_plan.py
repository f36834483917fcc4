"""The plans of the committed stacks under mocks."""

import runpy
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.mock_engine import Deployed

STACKS = sorted(path.name.split(".")[1] for path in Path("stacks").glob("Pulumi.*.yaml"))


def config_of(stack: str) -> Mapping[str, Any]:
    return yaml.safe_load(Path(f"stacks/Pulumi.{stack}.yaml").read_text())["config"]


@pytest.mark.parametrize("stack", STACKS)
@pytest.mark.parametrize("preview", [True, False])
def test_every_committed_stack_registers_without_an_error(deploy: Callable[..., Deployed], stack: str, preview: bool):
    deployed = deploy(lambda: runpy.run_path("__main__.py"), config=config_of(stack), preview=preview)

    assert "todo-backend-release" in {registration.name for registration in deployed.registrations.values()}
