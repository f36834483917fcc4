"""What a stack's cloud is asked for by a workload: the foundation of the stack, with a workload file of its own."""

from functools import cache
from pathlib import Path

import yaml

from components.foundation import build_foundation
from components.services.model import parse_workload
from components.services.workloads import demands
from stacks.settings import parse
from tests import mock_engine
from tests.mock_engine import Deployed
from tests.plans import settings_of

WORKLOAD = Path(__file__).with_name("asking.yaml")
"""The workload."""


@cache
def asked_plan(stack: str) -> Deployed:
    """The plan of the foundation of a committed stack, as if it ran the workload. Callers only read it."""
    name = WORKLOAD.stem
    workloads = {name: parse_workload(name, yaml.safe_load(WORKLOAD.read_text()))}
    return mock_engine.run(lambda: build_foundation(parse(settings_of(stack)), demands(workloads)))
