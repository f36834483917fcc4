"""docs/services.md: its examples are what the model takes, and no key of a service is left out."""

import re
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from components.services.model import parse_workload
from components.services.pods.autoscaling_model import Autoscaling
from components.services.pods.placement_model import Disruption, Owners, Spread
from components.services.pods.probe_model import Probe
from components.services.pods.task_model import Init, Job, Migrations
from components.services.pods.volume_model import Claim, Files, Scratch, SecretFiles
from components.services.service_model import ServiceSpec
from stacks.model import Model

TEXT = Path("docs/services.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)
MODELS = (
    Autoscaling,
    Claim,
    Disruption,
    Files,
    Init,
    Job,
    Migrations,
    Owners,
    Probe,
    Scratch,
    SecretFiles,
    ServiceSpec,
)


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_example_is_a_workload(example: str):
    assert parse_workload("shop", YAML(typ="safe").load(example)).services


def test_the_first_example_has_five_lines():
    assert len(EXAMPLES[0].splitlines()) == 5


@pytest.mark.parametrize("model", [*MODELS, Spread], ids=lambda model: model.__name__)
def test_every_key_is_told_of(model: type[Model]):
    assert [name for name in model.model_fields if not re.search(rf"\b{name}\b", TEXT)] == []
