"""Expressions of the Common Expression Language: which are read, and what is wrong with others."""

import pytest
from contract_check.cel import expression_problem

SELF = frozenset({"self", "oldSelf"})
SCHEMA = {
    "type": "object",
    "properties": {
        "size": {"type": "integer"},
        "tags": {"type": "array", "items": {"type": "object", "properties": {"key": {"type": "string"}}}},
        "labels": {"type": "object", "additionalProperties": {"type": "string"}},
        "free": {"type": "object", "x_kubernetes_preserve_unknown_fields": True},
    },
}


@pytest.mark.parametrize(
    "expression",
    [
        "self.size < 3",
        "!has(self.size) || self.size in [1, 2, 3]",
        "self.tags.all(tag, tag.key.matches('^[a-z]+$') && size(tag.key) <= 10)",
        'self.tags.exists_one(t, t.key == "a") ? self.size > 0 : true',
        "self == oldSelf",
        "self.labels['app.kubernetes.io/name'].startsWith('a') && self.labels.app == 'x'",
        "self.free.whatever.below == 1.5e3",
        "duration('1h') > duration('5m') // an hour",
        "self.tags.map(t, t.key).filter(k, k != '').size() == 0",
        "{'a': 1, 'b': [1u, 0x1F]}.size() == 2 && r'\\d' != b'x'",
        "cel.bind(most, 3, self.size < most)",
        "self.size.orValue(0) == self.?size.orValue(1)",
    ],
)
def test_a_well_formed_expression_passes(expression: str):
    names = SELF | {"cel"} if "cel." in expression else SELF

    assert expression_problem(expression, names, SCHEMA) == ""


@pytest.mark.parametrize(
    ("expression", "problem"),
    [
        ("self.size <", "unexpected end of the expression"),
        ("self.size < 3)", "unexpected )"),
        ("(self.size < 3", "expected ), found the end"),
        ("self.size = 3", "token recognition error at: = 3"),
        ("self.", "expected a name, found the end"),
        ("this.size < 3", "undeclared reference to 'this'"),
        ("self.weight < 3", "undefined field 'weight'"),
        ("self.tags[0].value == 'x'", "undefined field 'value'"),
        ("self.tags.all(tag, other.key == 'x')", "undeclared reference to 'other'"),
        ("self.size < 'three", "token recognition error at: 'three"),
    ],
)
def test_another_is_told_what_is_wrong_with_it(expression: str, problem: str):
    assert expression_problem(expression, SELF, SCHEMA) == problem
