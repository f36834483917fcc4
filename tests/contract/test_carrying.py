"""Charts and definitions are carried from what their publishers give out."""

import io
import json
import tarfile

import pytest
from contract_check import carry_chart, carry_definitions

REPOSITORY = "https://charts.example.com"
CHART = {
    "Chart.yaml": "name: todo\nversion: 1.0.0\n",
    "values.yaml": "replicas: 1\nenabled: true\nname: x\nargs: []\ncfg: {}\nnothing:\nimage: {tag: ''}\n"
    "nodeSelector: {a: b}\n"
    "cache: {size: 2}\nblocks: {server: {port: 1}}\n",
    "templates/a.yaml": "{{ .Values.image.digest }} {{ .Values.cfg.any }} {{ .Values.extra }}",
    "charts/cache/Chart.yaml": "name: cache\nversion: 2.0.0\n",
    "charts/cache/values.yaml": "port: 6379\nsize: 1\n",
}
KEYS = {
    "replicas": "number",
    "enabled": "bool",
    "name": "string",
    "args": "list",
    "cfg": "map",
    "nothing": "any",
    "image": {"tag": "string", "digest": "any"},
    "nodeSelector": "map",
    "cache": {"port": "number", "size": "number"},
    "blocks": {"server": {"port": "number"}},
    "extra": "any",
}
DEFINITION = """
kind: CustomResourceDefinition
spec:
  group: example.com
  scope: Namespaced
  names: {kind: Todo, plural: todos}
  versions:
    - {name: v1beta1, served: true, storage: false, schema: {openAPIV3Schema: {type: object}}}
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema:
          description: text
          properties:
            spec:
              type: object
              x-kubernetes-map-type: atomic
              properties: {description: {type: string, description: text}}
            status: {type: object}
---
kind: Deployment
"""


@pytest.fixture
def chart(tmp_path):
    folder = tmp_path / "todo"
    for name, text in CHART.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def carried(chart, into):
    carry_chart.main([str(chart), REPOSITORY, "--into", str(into)])
    return json.loads((into / "todo.json").read_text())


def test_an_unpacked_chart_is_carried_with_its_subcharts_and_what_its_templates_read(chart, tmp_path):
    assert carried(chart, tmp_path) == {"chart": "todo", "version": "1.0.0", "repository": REPOSITORY, "values": KEYS}


def test_a_packed_chart_is_carried_alike(tmp_path):
    packed = tmp_path / "todo-1.0.0.tgz"
    with tarfile.open(packed, "w:gz") as archive:
        for name, text in CHART.items():
            member = tarfile.TarInfo(f"todo/{name}")
            member.size = len(text.encode())
            archive.addfile(member, io.BytesIO(text.encode()))

    assert carried(packed, tmp_path)["values"] == KEYS


def test_a_map_that_was_left_free_stays_free_in_a_later_version(chart, tmp_path):
    (tmp_path / "todo.json").write_text(json.dumps({"values": {**KEYS, "blocks": "map"}}))

    assert carried(chart, tmp_path)["values"] == {**KEYS, "blocks": "map"}


@pytest.fixture
def corrections(tmp_path, monkeypatch):
    def write(**of_todo):
        path = tmp_path / "corrections.json"
        path.write_text(json.dumps({"todo": of_todo}))
        monkeypatch.setattr(carry_chart, "CORRECTIONS", path)

    return write


def test_what_is_known_better_than_by_the_defaults_is_written_each_time(chart, tmp_path, corrections):
    corrections(**{"name": "any", "*.port": "any", "blocks.server": "map"})

    values = carried(chart, tmp_path)["values"]

    assert values == {
        **KEYS,
        "name": "any",
        "cache": {"port": "any", "size": "number"},
        "blocks": {"server": "map"},
    }
    assert carried(chart, tmp_path)["values"] == values


def test_a_correction_of_a_key_that_is_gone_is_told(chart, tmp_path, corrections):
    corrections(**{"cache.name": "any"})

    with pytest.raises(SystemExit, match=r"corrections.json: the chart has no key cache.name any more"):
        carried(chart, tmp_path)


def test_the_carried_charts_are_corrected():
    for name, corrections in json.loads(carry_chart.CORRECTIONS.read_text()).items():
        if name.startswith("_"):
            continue
        values = json.loads((carry_chart.FOLDER / f"{name}.json").read_text())["values"]
        assert carry_chart.corrected(json.loads(json.dumps(values)), corrections) == values, name


def test_a_definition_is_carried_without_texts_and_status_and_its_versions_are_indexed(tmp_path):
    (tmp_path / "todo.yaml").write_text(DEFINITION)

    carry_definitions.main([str(tmp_path / "todo.yaml"), "--into", str(tmp_path)])

    definition = json.loads((tmp_path / "example.com.Todo.json").read_text())
    spec = {"type": "object", "properties": {"description": {"type": "string"}}}
    assert definition["schema"] == {"properties": {"spec": spec}}
    assert (definition["version"], definition["plural"], definition["scope"]) == ("v1", "todos", "Namespaced")
    assert json.loads((tmp_path / "index.json").read_text()) == {
        "example.com": {"Todo": {"versions": ["v1beta1", "v1"], "scope": "Namespaced"}}
    }


def test_a_whole_definition_keeps_all_but_its_texts(tmp_path):
    (tmp_path / "todo.yaml").write_text(DEFINITION)
    whole = tmp_path / "whole.json"

    carry_definitions.main([str(tmp_path / "todo.yaml"), "--into", str(tmp_path), "--whole", str(whole)])

    spec = json.loads(whole.read_text())["todos.example.com"]
    old, new = spec.pop("versions")
    assert spec == {"group": "example.com", "scope": "Namespaced", "names": {"kind": "Todo", "plural": "todos"}}
    assert old == {
        "name": "v1beta1",
        "served": True,
        "storage": False,
        "schema": {"openAPIV3Schema": {"type": "object"}},
    }
    assert new["schema"]["openAPIV3Schema"]["properties"] == {
        "spec": {
            "type": "object",
            "x-kubernetes-map-type": "atomic",
            "properties": {"description": {"type": "string"}},
        },
        "status": {"type": "object"},
    }
