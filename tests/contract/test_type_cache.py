"""What was read from the SDKs is kept, per version, in files that any number of processes may share."""

import json
import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
from contract_check import type_cache
from contract_check.sdk_packages import installed

TOKEN = "random:index/randomId:RandomId"
PROGRAM = """
import sys
from contract_check.check import check_resource

found = check_resource("random:index/randomId:RandomId", {"byteLenght": 4.0})
assert [item.path for item in found] == ["byteLenght", "byteLength"], found
print(" ".join(name for name in sys.modules if name == "pulumi" or name.startswith("pulumi_")))
"""


def start(cache: Path) -> "subprocess.Popen[str]":
    """A process of its own that checks one resource and tells which SDKs it imported."""
    policies = Path(type_cache.__file__).parents[1]
    environment = {**os.environ, "XDG_CACHE_HOME": str(cache), "PYTHONPATH": str(policies)}
    return subprocess.Popen([sys.executable, "-c", PROGRAM], env=environment, stdout=subprocess.PIPE, text=True)


def imported(process: "subprocess.Popen[str]") -> list[str]:
    output, _ = process.communicate()
    assert process.returncode == 0
    return output.split()


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """An empty cache, and the folder in it that the random SDK's types go to."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    forget()
    yield type_cache.cache_home() / f"pulumi-random-{version('pulumi-random')}-{type_cache.CACHE_SCHEMA}"
    forget()


def forget():
    for memo in (type_cache.resource_types, type_cache.classes, type_cache.known_tokens):
        memo.cache_clear()


def test_the_first_read_imports_the_sdk_and_the_second_none(tmp_path):
    assert "pulumi_random" in imported(start(tmp_path))
    assert imported(start(tmp_path)) == []


def test_what_was_read_lies_in_a_folder_of_its_package_and_version(cache):
    type_cache.resource_types(TOKEN)

    assert sorted(path.name for path in cache.iterdir()) == [
        "classes.json",
        "random%3Aindex%2FrandomId%3ARandomId.json",
    ]


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", "null", '{"inputs": "a"}', '{"inputs": "a", "types": {}, "provider": false}', "\x00\x01"],
)
def test_a_broken_file_is_read_again_and_mended(cache, content):
    whole = type_cache.resource_types(TOKEN)
    path = cache / "random%3Aindex%2FrandomId%3ARandomId.json"
    path.write_text(content)
    forget()

    assert type_cache.resource_types(TOKEN) == whole
    assert json.loads(path.read_text()) == whole


@pytest.mark.parametrize("content", ["", "[]", '{"a": "b"}'])
def test_a_broken_table_of_classes_is_read_again(cache, content):
    type_cache.resource_types(TOKEN)
    (cache / "classes.json").write_text(content)
    forget()

    package = installed("random")
    assert package is not None
    assert TOKEN in type_cache.known_tokens(package)


def test_processes_that_start_together_share_a_cache(tmp_path):
    processes = [start(tmp_path) for _ in range(4)]

    for process in processes:
        imported(process)
    assert list(tmp_path.rglob("*.part")) == []
    assert imported(start(tmp_path)) == []


def test_without_a_writable_cache_the_check_still_works(tmp_path, monkeypatch):
    (tmp_path / "groundwork").write_text("in the way")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    forget()

    assert type_cache.resource_types(TOKEN) is not None
    forget()


def test_a_type_that_does_not_exist_is_not_kept(cache):
    assert type_cache.resource_types("random:index/nonesuch:Nonesuch") is None
    assert [path.name for path in cache.iterdir()] == ["classes.json"]
