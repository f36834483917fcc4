"""Definitions of kinds, and objects of kinds that a program defines itself."""

from collections.abc import Iterator
from typing import Any

import pytest
from contract_check.check import check_resource
from contract_check.definitions import OWN, check_definition
from contract_check.places import Place

DEFINITION = "kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition"
THING = "kubernetes:example.com/v1:Thing"


@pytest.fixture(autouse=True)
def no_definitions_of_others() -> Iterator[None]:
    OWN.forget()
    yield
    OWN.forget()


def definition(size: dict[str, Any], **spec: Any) -> dict[str, Any]:
    properties = {"spec": {"type": "object", "properties": {"size": size}}}
    schema = {"openAPIV3Schema": {"type": "object", "properties": properties}}
    version = {"name": "v1", "served": True, "storage": True, "schema": schema}
    names = {"plural": "things", "kind": "Thing"}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "things.example.com"},
        "spec": {"group": "example.com", "scope": "Namespaced", "names": names, "versions": [version], **spec},
    }


def problems(size: dict[str, Any]) -> list[str]:
    return [found.problem for found in check_definition(Place(definition(size)))]


@pytest.mark.parametrize(
    "size",
    [
        {"type": "string", "pattern": "^(?i)small$"},
        {"type": "string", "pattern": "^\\pL+\\z"},
        {"x_kubernetes_int_or_string": True},
        {"type": "integer", "oneOf": [{"properties": {"a": {"minimum": 1}}}, {"maximum": 3}]},
    ],
)
def test_a_schema_that_the_api_server_takes_passes(size: dict[str, Any]):
    assert problems(size) == []


@pytest.mark.parametrize(
    ("size", "problem"),
    [
        ({"minimum": 1}, "must not be empty for specified fields"),
        (
            {"type": "string", "pattern": "a(b"},
            "must be a valid regular expression, but isn't: missing ), unterminated",
        ),
        (
            {"type": "string", "pattern": "a(?=b)"},
            "must be a valid regular expression, but isn't: invalid or unsupported",
        ),
        ({"type": "object", "properties": {"a": {}}}, "must not be empty for specified fields"),
    ],
)
def test_another_is_reported(size: dict[str, Any], problem: str):
    [found] = problems(size)

    assert found.startswith(problem)


def test_an_object_is_checked_by_the_programs_own_definition():
    assert check_resource(DEFINITION, definition({"type": "integer"})) == []
    thing = {"apiVersion": "example.com/v1", "kind": "Thing", "metadata": {"name": "one"}, "spec": {"size": 3.0}}

    assert check_resource(THING, thing) == []
    assert [str(found) for found in check_resource(THING, {**thing, "spec": {"size": "big", "colour": "red"}})] == [
        "spec.size: expected an integer, got a string",
        "spec.colour: spec has no such property",
    ]


def test_an_object_of_a_kind_that_nobody_defines_is_reported():
    [found] = check_resource(THING, {"apiVersion": "example.com/v1", "kind": "Thing", "metadata": {"name": "one"}})

    assert found.problem == "no definition of the API group example.com is known to the contract check"


def test_properties_that_are_a_list_are_told_and_stop_no_check() -> None:
    whole = definition({"type": "integer"})
    schema = whole["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    schema["properties"] = [schema["properties"]]
    schema["x-kubernetes-validations"] = [{"rule": "self.metadata.name != ''"}]

    assert [found.problem for found in check_resource(DEFINITION, whole)] != []
