"""The keywords of JSON Schema, each with a value that breaks it and one that does not."""

import pytest
from contract_check.json_schema import SchemaCheck, unknown_keywords
from contract_check.wire import UNKNOWN, Secret

REFERENCED = {"definitions": {"name": {"type": "string"}}, "properties": {"a": {"$ref": "#/definitions/name"}}}
ONE_OF = {"oneOf": [{"required": ["a"]}, {"required": ["b"]}]}
CONDITION = {
    "if": {"properties": {"kind": {"const": "x"}}},
    "then": {"required": ["a"]},
    "else": {"required": ["b"]},
}


def problems(schema, value, *, closed=False):
    return [str(found) for found in SchemaCheck(schema, closed=closed).check(value)]


@pytest.mark.parametrize(
    ("schema", "good", "bad", "finding"),
    [
        ({"type": "string"}, "a", 1.0, "expected a string, got a number"),
        ({"type": ["string", "null"]}, None, [], "expected a string or null, got a list"),
        ({"type": "integer"}, 2.0, 2.5, "expected an integer, got a number with a fraction"),
        ({"type": "integer"}, 2, True, "expected an integer, got a boolean"),
        ({"type": "number"}, 2.5, "2", "expected a number, got a string"),
        ({"type": "boolean"}, True, 1.0, "expected a boolean, got a number"),
        ({"enum": ["a", "b"]}, "a", "c", '"c" is not one of a, b'),
        ({"const": "a"}, "a", "b", '"b" is not one of a'),
        ({"pattern": "^a"}, "ab", "b", '"b" does not match ^a'),
        ({"minLength": 1}, "a", "", "the length is below the minimum of 1"),
        ({"maxLength": 1}, "a", "ab", "the length is above the maximum of 1"),
        ({"minimum": 1}, 1.0, 0.0, "0 is below the minimum of 1"),
        ({"maximum": 1}, 1.0, 2.0, "2 is above the maximum of 1"),
        ({"minItems": 1}, ["a"], [], "the number of elements is below the minimum of 1"),
        ({"maxItems": 1}, ["a"], ["a", "b"], "the number of elements is above the maximum of 1"),
        ({"items": {"type": "string"}}, ["a"], [1.0], "[0]: expected a string, got a number"),
        ({"required": ["a"]}, {"a": 1.0}, {}, "a: required here"),
        ({"properties": {}, "additionalProperties": False}, {}, {"a": 1.0}, "a: the object has no such property"),
        ({"additionalProperties": {"type": "string"}}, {"a": "b"}, {"a": 1.0}, "a: expected a string, got a number"),
        ({"propertyNames": {"pattern": "^a"}}, {"ab": 1.0}, {"b": 1.0}, 'b: "b" does not match ^a'),
        ({"minProperties": 1}, {"a": 1.0}, {}, "at least 1 properties are needed"),
        ({"maxProperties": 0}, {}, {"a": 1.0}, "at most 0 properties are allowed"),
        (REFERENCED, {"a": "b"}, {"a": 1.0}, "a: expected a string, got a number"),
        ({"allOf": [{"minLength": 1}]}, "a", "", "the length is below the minimum of 1"),
        ({"anyOf": [{"required": ["a"]}, {"required": ["b"]}]}, {"a": 1.0, "b": 1.0}, {}, "a: required here"),
        (ONE_OF, {"a": 1.0}, {"a": 1.0, "b": 1.0}, "several alternatives are given, exactly one is wanted"),
        ({"not": {"required": ["a"]}}, {}, {"a": 1.0}, "this combination is refused"),
        (CONDITION, {"kind": "x", "a": 1.0}, {"kind": "x", "b": 1.0}, "a: required here"),
        (CONDITION, {"kind": "y", "b": 1.0}, {"kind": "y", "a": 1.0}, "b: required here"),
        ({"x-kubernetes-int-or-string": True}, "1", True, "expected an integer or a string, got a boolean"),
    ],
)
def test_a_keyword_is_enforced(schema, good, bad, finding):
    assert problems(schema, good) == []
    assert problems(schema, bad) == [finding]


@pytest.mark.parametrize("schema", [{"type": "string"}, {"not": {}}, {"enum": ["a"]}, {"oneOf": [{}, {}]}])
def test_an_unknown_value_passes_everything(schema):
    assert problems(schema, UNKNOWN) == []


def test_a_condition_on_an_unknown_value_decides_nothing():
    assert problems(CONDITION, {"kind": UNKNOWN}) == []


def test_all_problems_are_found_and_none_shows_a_secret():
    schema = {"properties": {"a": {"enum": ["x"]}, "b": {"maximum": 1}}}

    assert problems(schema, {"a": Secret("hunter2"), "b": Secret(2.0)}) == [
        "a: the secret value is not one of x",
        "b: the secret value is above the maximum of 1",
    ]


def test_a_structural_schema_is_closed_where_it_has_properties_and_does_not_preserve():
    schema = {"properties": {"spec": {"properties": {"a": {}}}, "free": {"type": "object"}}}
    kept = {"properties": {"a": {}}, "x-kubernetes-preserve-unknown-fields": True}

    assert problems(schema, {"kind": "X", "metadata": {}, "free": {"any": 1.0}}, closed=True) == []
    assert problems(schema, {"spec": {"kind": "X"}}, closed=True) == ["spec.kind: spec has no such property"]
    assert problems(kept, {"b": 1.0}, closed=True) == []


def test_an_embedded_object_has_a_kind_of_its_own():
    schema = {"properties": {"template": {"properties": {"a": {}}, "x-kubernetes-embedded-resource": True}}}

    assert problems(schema, {"template": {"apiVersion": "v1", "kind": "X", "metadata": {}}}, closed=True) == []


def test_a_pattern_with_gos_flag_in_the_middle_is_read():
    assert problems({"pattern": "^(?i)(abort|warn)?$"}, "ABORT") == []
    assert len(problems({"pattern": "^(?i)(abort|warn)?$"}, "stop")) == 1


def test_keywords_that_are_not_read_are_named_at_any_depth():
    schema = {"properties": {"a": {"anyOf": [{"contains": {}}]}}, "definitions": {"b": {"dependencies": {}}}}

    assert unknown_keywords(schema) == {"contains", "dependencies"}
