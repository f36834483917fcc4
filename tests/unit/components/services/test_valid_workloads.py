"""Workload files that are right: neither the loader nor an editor refuses one, and what follows from them is sound."""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, get_args

import pytest
from contract_check.json_schema import SchemaCheck
from contract_check.kong_declarative import refusals
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from components.platform.gateway_config import declarative
from components.platform.gateway_credentials import credential_sources
from components.services import schema
from components.services.connections import workload_connections
from components.services.gateway.canary_rules import canary_groups
from components.services.gateway.checks import route_problems
from components.services.gateway.routes import gateway_of
from components.services.model import WorkloadSpec, parse_workload
from components.services.monitoring.alert_rules import alert_groups
from components.services.monitoring.slo_rules import slo_groups
from components.services.pods.stand_ins import stood_in
from components.services.stack_traits import StackTraits
from signals.promql import problems
from stacks.problems import SettingsError
from tests.unit.components.services.valid_files import BESIDE, WORKLOAD, valid

EDITOR = SchemaCheck(json.loads(schema.schema_text()), closed=False)
BESIDE_IT = {"identity": parse_workload("identity", BESIDE)}
REPOSITORY = "https://git.example/blob/main"

unsound = cache(problems)
"""What is wrong with a query: many files have the same ones."""


def many(files: int) -> settings:
    """So many files, the same ones each time."""
    return settings(
        max_examples=files,
        deadline=None,
        database=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
    )


def unheard(content: Any) -> list[str]:
    """What an editor would mark."""
    return [str(finding) for finding in EDITOR.check(content)]


def refused_routes(workloads: Mapping[str, WorkloadSpec]) -> list[str]:
    """What Kong would not start with."""
    gateway = gateway_of(workloads, "acme.example", shared_counters=True)
    return refusals(declarative(gateway, {name: f"secret {name}" for name in credential_sources(gateway.consumers)}))


def queries(spec: WorkloadSpec) -> Iterator[str]:
    """Every query of the workload's rules."""
    for groups in (slo_groups, alert_groups, canary_groups):
        for group in groups(WORKLOAD, spec, REPOSITORY):
            yield from (rule["expr"] for rule in group["rules"])


@pytest.mark.slow
@pytest.mark.parametrize("part", range(5))
def test_none_of_two_thousand_right_files_is_refused(part: int):
    @seed(part)
    @many(400)
    @given(valid())
    def taken(file: dict[str, Any]) -> None:
        spec = parse_workload(WORKLOAD, file)
        workloads = {WORKLOAD: spec, **BESIDE_IT}

        assert list(spec.services) == list(file["services"])
        assert unheard(file) == []
        assert route_problems(workloads) == []
        assert refused_routes(workloads) == []
        assert [problem for query in queries(spec) for problem in unsound(query)] == []
        assert workload_connections({**workloads, WORKLOAD: stood_in(spec)}, StackTraits()) is not None

    taken()


def models(annotation: Any) -> Iterator[type[BaseModel]]:
    """Every model that a value of this type may be made of."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
        for one in annotation.model_fields.values():
            yield from models(one.annotation)
    for one in get_args(annotation):
        yield from models(one)


def written(value: Any) -> Iterator[tuple[type[BaseModel], str]]:
    """Every field that a file says something of."""
    if isinstance(value, BaseModel):
        for name in type(value).model_fields:
            if name in value.model_fields_set:
                yield type(value), name
            yield from written(getattr(value, name))
    for one in value.values() if isinstance(value, dict) else value if isinstance(value, tuple) else ():
        yield from written(one)


def test_right_files_have_every_key_that_there_is():
    left = {(model, name) for model in set(models(WorkloadSpec)) for name in model.model_fields}

    @seed(0)
    @settings(many(500), phases=[Phase.generate])
    @given(valid())
    def look(file: dict[str, Any]) -> None:
        left.difference_update(written(parse_workload(WORKLOAD, file)))

    look()

    assert sorted(f"{model.__name__}.{name}" for model, name in left) == []


ODD = [
    None,
    True,
    0,
    -1,
    1,
    70000,
    0.5,
    1e300,
    "",
    "no",
    "a b",
    "1m",
    "0",
    "/",
    "x" * 300,
    [],
    ["a", "a"],
    {},
    {"a": 1},
]


@st.composite
def changed(draw: st.DrawFn) -> Any:
    """A right file in which one value is another: still right, or not."""
    file = draw(valid())
    inner, key = draw(st.sampled_from(list(holders(file))))
    inner[key] = draw(st.sampled_from(ODD) | st.sampled_from([holder[at] for holder, at in holders(file)]))
    return file


def holders(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every place in a file: what holds it, and its key."""
    for key in list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ():
        yield value, key
        yield from holders(value[key])


@seed(1)
@many(400)
@given(changed())
def test_what_an_editor_marks_is_refused(file: Any):
    try:
        parse_workload(WORKLOAD, file)
    except SettingsError:
        return

    assert unheard(file) == []
