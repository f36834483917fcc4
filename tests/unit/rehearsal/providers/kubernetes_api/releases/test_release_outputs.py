"""What is kept of a release, and what counts as a change of it."""

from typing import Any

from rehearsal.providers.kubernetes.kinds import RELEASE
from rehearsal.providers.kubernetes_api.releases.release_outputs import Live, difference, kept, resource_names
from rehearsal.providers.provider import Operation
from rehearsal.providers.wire import UNKNOWN, Secret

MANIFEST = """---
# Source: web/templates/a.yaml
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  note: "=1"
---
# Source: web/templates/b.yaml
metadata: {"namespace": "other", name: web-b}
kind: Deployment
spec:
  created: 2026-01-01
apiVersion: apps/v1
---
# Source: web/templates/c.yaml
{"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web-a"}, "spec": {"kind": "no"}}
---
# Source: web/templates/empty.yaml
---
# Source: web/templates/d.yaml
"apiVersion": monitoring.coreos.com/v1
"kind": ServiceMonitor
"metadata":
  "name": web
"""


def live(**values: Any) -> Live:
    return Live("web", "apps", 3, "deployed", "chart", "1.2.3", "9", values, MANIFEST)


def operation(old: dict[str, Any], new: dict[str, Any], seen: dict[str, Any] | None = None) -> Operation:
    outputs = {**old, "status": {"revision": 1}, **(seen or {})}
    return Operation(urn="urn", type=RELEASE, name="web", old_inputs=old, old_outputs=outputs, inputs=new)


def changed(old: dict[str, Any], new: dict[str, Any], seen: dict[str, Any] | None = None) -> list[str]:
    return [change.path for change in difference(operation(old, new, seen)).changes]


def test_objects_are_named_by_kind_group_and_version():
    assert resource_names(MANIFEST) == {
        "Deployment.apps/apps/v1": ["other/web-b", "web-a"],
        "Service/v1": ["web"],
        "ServiceMonitor.monitoring.coreos.com/monitoring.coreos.com/v1": ["web"],
    }


def test_the_status_is_that_of_the_live_release():
    assert kept({"name": "web", "namespace": "apps", "chart": "./chart"}, live())["status"] == {
        "name": "web",
        "namespace": "apps",
        "revision": 3,
        "status": "deployed",
        "chart": "chart",
        "version": "1.2.3",
        "appVersion": "9",
    }


def test_secret_values_stay_secret_among_the_live_ones():
    inputs = {"values": {"password": Secret("a"), "list": [Secret("b"), 1], "map": Secret({"c": 1}), "plain": 1}}

    outputs = kept(inputs, live(password="a", list=["b", 2], map={"c": 2}, plain=2, added=3))

    assert outputs["values"] == {
        "password": Secret("a"),
        "list": [Secret("b"), 2],
        "map": Secret({"c": 2}),
        "plain": 2,
        "added": 3,
    }
    assert isinstance(outputs["__inputs"], Secret)


def test_a_change_of_the_program_is_one():
    assert changed({"values": {"a": 1, "b": 1}}, {"values": {"a": 2}}) == ["values.a", "values.b"]


def test_name_and_namespace_make_another_release():
    old = {"name": "web", "namespace": "apps", "chart": "./a"}

    assert difference(operation(old, {**old, "chart": "./b"})).replaces == []
    assert difference(operation(old, {**old, "name": "api"})).replaces == ["name"]
    assert difference(operation(old, {**old, "namespace": "other"})).replaces == ["namespace"]


def test_what_drifted_is_put_back():
    inputs = {"values": {"a": 1, "list": [1], "map": {"x": 1}}}

    drifted = {"values": {"a": 2, "list": [1, 2], "map": {"x": 1}}}
    assert changed(inputs, inputs, drifted) == ["values.a", "values.list[1]"]


def test_what_others_added_or_counted_is_left_alone():
    inputs = {"values": {"map": {"x": 1}}}

    assert changed(inputs, inputs, {"values": {"map": {"x": 1, "y": 2}, "z": 3}, "status": {"revision": 7}}) == []


def test_what_is_not_known_yet_is_a_change_of_the_program():
    assert changed({"values": {"a": 1}}, {"values": {"a": UNKNOWN}}) == ["values.a"]
