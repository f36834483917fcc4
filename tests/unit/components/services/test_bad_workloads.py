"""Workload files that are wrong: each is refused with a path and a reason, and never with a traceback."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from components.services.model import load_workload, parse_workload
from stacks.problems import SettingsError
from tests.dapr_guide import examples as dapr_examples
from tests.gateway_guide import example as gateway_example
from tests.unit.components.services.broken_files import WAYS, Broken, Place, broken, places

FILES = [*sorted(Path("workloads").glob("*.yaml"))]
RIGHT = [
    *(yaml.safe_load(file.read_text()) for file in FILES),
    *(yaml.safe_load(text) for text in (gateway_example(), *dapr_examples()[:1])),
]
"""Files that are right: those of the project and of its guides."""

MANY = settings(
    max_examples=400,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.function_scoped_fixture],
)

FOREIGN = ("Traceback", "Input should", "pydantic", "NoneType", "dict_", "__main__", "object at")
"""What a message of the model's own never says."""


def problems(values: Any) -> list[str]:
    with pytest.raises(SettingsError) as refused:
        parse_workload("shop", values)
    return list(refused.value.problems)


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_each_of_two_thousand_wrong_files_is_refused_with_a_path_and_a_reason(
    way: Callable[[Place, st.DrawFn], Broken | None],
):
    @MANY
    @given(broken(RIGHT, way))
    def refused(file: Broken) -> None:
        found = problems(file.values)

        assert any(problem.startswith(f"{file.key_path}: ") or not file.path for problem in found), (file.path, found)
        assert not [problem for problem in found for word in FOREIGN if word in problem]

    refused()


PLAIN = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
ANYTHING = st.recursive(
    PLAIN, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text() | st.integers(), inner, max_size=4)
)


@MANY
@given(ANYTHING)
@example({"services": {}})
@example({"services": None})
@example(None)
def test_what_is_no_workload_at_all_is_refused_in_words(values: Any):
    assert not any(word in problem for problem in problems(values) for word in FOREIGN)


@MANY
@given(st.binary(max_size=200) | st.text(alphabet="services:{}[]&*!|>-'\"#%@` \n\t,?1", max_size=80).map(str.encode))
@example(b"services: &a [*a]")
@example(b"services: !!python/object:os.system {}")
@example(b"services:\n\tbackend: 1")
@example(b"a: 1\na: 2\n")
@example(b"---\na: 1\n---\nb: 2\n")
def test_what_is_no_yaml_is_refused_in_words(tmp_path_factory: pytest.TempPathFactory, content: bytes):
    folder = tmp_path_factory.mktemp("workloads")
    (folder / "shop.yaml").write_bytes(content)

    with pytest.raises(SettingsError) as refused:
        load_workload("shop", folder)

    assert not any(word in problem for problem in refused.value.problems for word in FOREIGN)


@pytest.mark.parametrize("values", RIGHT, ids=lambda values: next(iter(values["services"])))
def test_a_right_file_is_taken_by_the_model_and_by_its_schema(values: Any):
    assert list(parse_workload("shop", values).services) == list(values["services"])
    assert [place.key_path for place in places(values) if place.type not in place.types] == []
    assert len(places(values)) == 1 + sum(1 for _ in inside(values))


def inside(value: Any) -> Iterator[Any]:
    """Every value inside of another."""
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield inner
        yield from inside(inner)
