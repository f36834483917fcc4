"""The data that the check carries: it fits the SDKs that are installed, and nothing in it is passed over."""

import json
import re

import pytest
from contract_check import chart_values, custom_resources, json_schema, tables, type_cache
from contract_check.json_schema import unknown_keywords
from contract_check.sdk_packages import installed, read_classes
from contract_check.sdk_types import read_resource

RULES = [
    (token, rules)
    for path in sorted(tables.FOLDER.glob("*.json"))
    for token, rules in json.loads(path.read_text()).items()
]
DEFINITIONS = sorted(path for path in custom_resources.FOLDER.glob("*.json") if path.name != "index.json")
CHARTS = sorted(chart_values.FOLDER.glob("*.json"))


def reaches(types, schema, steps):
    """Whether a path with `[*]` and `[keys]` steps leads to a property of a type."""
    if not steps:
        return True
    if isinstance(schema, str) or schema[0] == "values":
        return schema == "any"
    kind, content = schema
    if kind == "union":
        return any(reaches(types, member, steps) for member in content)
    if kind == "object":
        return steps[0] in types[content] and reaches(types, types[content][steps[0]][0], steps[1:])
    if kind == "map":
        return steps == ["[keys]"] or (steps[0] != "[keys]" and reaches(types, content, steps[1:]))
    return steps[0] == "[*]" and reaches(types, content, steps[1:])


def paths(rules):
    yield from rules.get("values", {})
    yield from rules.get("ranges", {})
    yield from (rule["path"] for rule in rules.get("texts", []))


@pytest.mark.parametrize(("token", "rules"), RULES, ids=[token for token, _ in RULES])
def test_every_rule_is_about_a_property_that_the_installed_sdk_has(token, rules):
    if token == "*":
        assert set(rules) == {"texts"}
        return
    types = type_cache.resource_types(token)
    assert types is not None

    stray = [
        path
        for path in paths(rules)
        if not reaches(types["types"], ["object", types["inputs"]], re.findall(r"\[\*\]|\[keys\]|[^.\[\]]+", path))
    ]

    assert stray == []


@pytest.mark.parametrize(("token", "rules"), RULES, ids=[token for token, _ in RULES])
def test_every_rule_names_its_source_and_every_pattern_compiles(token, rules):
    assert "values" not in rules or rules["values_source"]
    assert "ranges" not in rules or rules["ranges_source"]
    for rule in rules.get("texts", []):
        assert rule["source"]
        alone = [rule["pattern"]] if "pattern" in rule else []
        for pattern in [*rule.get("forbidden", []), *rule.get("patterns", []), *alone]:
            re.compile(pattern)


@pytest.mark.parametrize("path", DEFINITIONS, ids=[path.stem for path in DEFINITIONS])
def test_every_carried_definition_is_read_in_full(path):
    definition = json.loads(path.read_text())

    assert unknown_keywords(definition["schema"]) == set()
    assert definition["version"] in custom_resources._index()[definition["group"]][definition["kind"]]["versions"]
    for pattern in re.findall(r'"pattern":("(?:[^"\\]|\\.)*")', path.read_text()):
        assert json_schema._compiled(json.loads(pattern)) is not None, pattern


@pytest.mark.parametrize("path", CHARTS, ids=[path.stem for path in CHARTS])
def test_every_carried_chart_has_a_name_a_version_and_leaves_of_known_kinds(path):
    chart = json.loads(path.read_text())

    assert chart["chart"]
    assert chart["version"]
    assert chart["repository"]
    assert leaves(chart["values"]) <= {*chart_values.KINDS, "any"}


def leaves(tree):
    found = set()
    for value in tree.values():
        found |= leaves(value) if isinstance(value, dict) else {value}
    return found


def test_every_chart_of_the_program_is_carried_at_its_version():
    from stacks.versions import CHARTS as used

    carried = {(chart["chart"], chart["version"]) for chart in chart_values._charts().values()}

    assert {(chart.name, chart.version) for chart in used} <= carried


@pytest.mark.slow
@pytest.mark.parametrize("name", ["gcp", "kubernetes", "random", "tls"])
def test_every_resource_class_of_an_sdk_can_be_read(name):
    package = installed(name)
    assert package is not None
    for found in read_classes(package).values():
        types = read_resource(found)
        assert types["inputs"] in types["types"]
