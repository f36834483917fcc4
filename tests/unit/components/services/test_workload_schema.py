"""The JSON Schema of workload files, and the services that a command adds to them."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from contract_check.json_schema import SchemaCheck
from ruamel.yaml import YAML

from components.services import scaffold, schema
from components.services.model import load_workload

SCHEMA: dict[str, Any] = json.loads(schema.schema_text())
FILES = sorted(Path("workloads").glob("*.yaml"))

IMAGE = {"image": {"tag": "1.0.0"}}


def findings(content: Any) -> list[str]:
    return [str(finding.path) for finding in SchemaCheck(SCHEMA, closed=False).check(content)]


def test_the_committed_schema_is_that_of_the_model():
    written = Path("workloads/workload.schema.json").read_text(encoding="utf-8")

    assert written == schema.schema_text(), "make schema"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_editors_find_the_schema_of_every_file_and_nothing_wrong_in_it(path: Path):
    text = path.read_text(encoding="utf-8")

    assert text.startswith(f"{schema.FIRST_LINE}\n")
    assert findings(YAML(typ="safe").load(text)) == []


def test_every_reference_of_the_schema_leads_somewhere():
    targets = set(re.findall(r'"\$ref": "([^"]*)"', schema.schema_text()))

    assert targets <= {f"#/definitions/{name}" for name in SCHEMA["definitions"]}


def test_an_editor_shows_what_a_key_means_and_what_it_may_be():
    service = SCHEMA["definitions"]["ServiceSpec"]["properties"]

    assert service["routes"]["description"].startswith("Requests from outside that reach the service")
    assert SCHEMA["definitions"]["Spread"]["properties"]["zones"]["enum"] == ["preferred", "required"]
    assert SCHEMA["definitions"]["Job"]["required"] == ["schedule"]


@pytest.mark.parametrize(
    ("service", "path"),
    [
        ({"prots": {}}, "services.backend.prots"),
        ({"ports": {"http": "eighty"}}, "services.backend.ports.http"),
        ({"ports": {"HTTP": 80}}, "services.backend.ports.HTTP"),
        ({"replicas": -1}, "services.backend.replicas"),
        (
            {"volumes": {"data": {"kind": "claim", "path": "relative", "size_gib": 1}}},
            "services.backend.volumes.data.path",
        ),
        ({"jobs": {"report": {}}}, "services.backend.jobs.report.schedule"),
    ],
)
def test_an_editor_marks_what_is_wrong(service: dict[str, Any], path: str):
    assert findings({"services": {"backend": {**IMAGE, **service}}}) == [path]


def test_a_new_workload_begins_with_its_schema(tmp_path: Path):
    path = scaffold.add_service("shop/orders", tmp_path)

    assert path.read_text().splitlines() == [
        "# yaml-language-server: $schema=workload.schema.json",
        "services:",
        "  orders:",
        "    image: {tag: 1.0.0}",
        "    ports: {http: 8080}",
        "    probes:",
        "      readiness: {path: /health, port: http}",
    ]
    assert list(load_workload("shop", tmp_path).services) == ["orders"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_service_is_added_to_a_file_and_nothing_else_changes(path: Path, tmp_path: Path):
    (tmp_path / path.name).write_bytes(path.read_bytes())

    scaffold.add_service(f"{path.stem}/reports", tmp_path)

    before, after = path.read_text().splitlines(), (tmp_path / path.name).read_text().splitlines()
    added = [line for line in after if line not in before or line.strip() == "reports:"]
    assert "  reports:" in added
    entry = after.index("  reports:")
    assert after[:entry] + after[entry + 5 :] == before


def test_a_service_goes_to_the_others_wherever_they_stand(tmp_path: Path):
    (tmp_path / "shop.yaml").write_text(
        "services:\n    orders: # first\n        image: {tag: '1'}\n\n# who to ask\nteam: shop\n"
    )

    scaffold.add_service("shop/reports", tmp_path)

    lines = (tmp_path / "shop.yaml").read_text().splitlines()
    assert lines[:4] == ["services:", "    orders: # first", "        image: {tag: '1'}", "    reports:"]
    assert lines[-3:] == ["", "# who to ask", "team: shop"]
    assert list(load_workload("shop", tmp_path).services) == ["orders", "reports"]


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("shop", "expected <workload>/<service>, for example todo/reports, found 'shop'"),
        ("Shop/orders", "workload 'Shop': expected 20 lower-case letters"),
        ("shop/Orders", "service 'Orders': expected 40 lower-case letters"),
        ("../shop/orders", "workload '..': expected 20 lower-case letters"),
        ("shop/", "service '': expected 40 lower-case letters"),
        ("shop/orders", "there is a service orders already"),
        ("monitoring/orders", "the namespace monitoring is there already; give the workload another name"),
    ],
)
def test_a_name_that_cannot_be_is_refused_in_one_line(
    name: str, problem: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    (tmp_path / "workloads").mkdir()
    monkeypatch.chdir(tmp_path)
    scaffold.add_service("shop/orders", Path("workloads"))
    before = Path("workloads/shop.yaml").read_text()

    assert scaffold.main([name]) == 1

    told = capsys.readouterr().err.splitlines()
    assert problem in told[1]
    assert len(told) == 2
    assert Path("workloads/shop.yaml").read_text() == before
    assert [path.name for path in Path("workloads").iterdir()] == ["shop.yaml"]


@pytest.mark.parametrize(
    "content", ["services: {orders: {image: {tag: '1'}}}\n", "services:\n  {orders: {image: {tag: '1'}}}\n"]
)
def test_services_in_one_line_are_left_to_their_author(content: str, tmp_path: Path):
    (tmp_path / "shop.yaml").write_text(content)

    with pytest.raises(scaffold.SettingsError, match="services is no block of lines by itself"):
        scaffold.add_service("shop/reports", tmp_path)

    assert (tmp_path / "shop.yaml").read_text() == content


def test_no_name_is_told_how_to_give_one(capsys: pytest.CaptureFixture[str]):
    assert scaffold.main([""]) == 2
    assert "make service NAME=todo/reports" in capsys.readouterr().err


def test_the_schema_is_written_where_the_files_are(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert schema.main(tmp_path) == 0
    assert (tmp_path / schema.FILE).read_text(encoding="utf-8") == schema.schema_text()
    assert capsys.readouterr().out == f"{tmp_path / schema.FILE} is up to date.\n"
