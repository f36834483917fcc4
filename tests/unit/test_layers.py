"""Who may import whom: one direction of data, and only the stack's own cloud SDK."""

import ast
import subprocess
import sys
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

import pytest

CLOUD_SDKS = {"pulumi_gcp", "pulumi_azure_native", "pulumi_oci"}
CLOUD_FOLDERS = {"gke", "aks", "oke", "local"}
THE_ONE_MATCH = Path("components/foundation.py")
COMMANDS = {Path("stacks/configure.py"), Path("stacks/pin.py")}
"""What people run by hand before a stack is there, which tells them what to do next on their cloud."""

PROGRAM = [Path("__main__.py"), *Path("components").rglob("*.py"), *Path("stacks").glob("*.py")]
NEUTRAL = [path for path in Path("components").rglob("*.py") if path.parts[1] not in CLOUD_FOLDERS]


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            yield node.module or ""


@pytest.mark.parametrize("path", PROGRAM, ids=str)
def test_the_program_knows_nothing_of_the_rehearsal(path: Path):
    assert not {name.split(".")[0] for name in imports(path)} & {"rehearsal", "contract_check", "policies", "tests"}


@pytest.mark.parametrize("path", NEUTRAL, ids=str)
def test_what_builds_on_the_contracts_imports_no_cloud_sdk(path: Path):
    assert not {name.split(".")[0] for name in imports(path)} & CLOUD_SDKS


@pytest.mark.parametrize("path", [path for path in NEUTRAL if path != THE_ONE_MATCH], ids=str)
def test_only_the_one_match_knows_the_clouds_folders(path: Path):
    assert not {name for name in imports(path) if name.startswith(tuple(f"components.{one}" for one in CLOUD_FOLDERS))}


FLOORS = ("network", "contracts", "data", "platform", "services")
"""Folders of `components`, from the lowest. What stands beside them serves all, and stands on none."""

WHOLE = {f"components.services.{module}" for module in ("workload", "workloads", "connections", "quota", "schema")}
"""What puts the parts of a workload file together."""


def floor(name: str) -> int:
    """The floor of a module: it imports nothing from those above."""
    folder = f"{name}.".split(".")[1]
    return FLOORS.index(folder) if folder in FLOORS else -1


def module(path: Path) -> str:
    """What a file is called in imports."""
    return ".".join(path.parent.parts if path.name == "__init__.py" else path.with_suffix("").parts)


@pytest.mark.parametrize("path", [path for path in NEUTRAL if path != THE_ONE_MATCH], ids=str)
def test_nothing_stands_on_what_is_above_it(path: Path):
    own = floor(module(path))

    assert not [name for name in imports(path) if name.startswith("components.") and floor(name) > own]


@pytest.mark.parametrize("path", sorted(Path("components/services").glob("*/*.py")), ids=str)
def test_no_part_of_a_workload_knows_the_whole(path: Path):
    assert not set(imports(path)) & WHOLE


def modules(path: Path) -> Iterator[str]:
    """The modules that it imports, whether whole or by a name in them."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def circle(imported: Mapping[str, Collection[str]]) -> list[str]:
    """Modules that import each other, the first once more at the end; none where there is an order."""
    done: set[str] = set()

    def follow(name: str, way: list[str]) -> list[str]:
        if name in way:
            return [*way[way.index(name) :], name]
        if name in done:
            return []
        found = next((found for one in sorted(imported.get(name, ())) if (found := follow(one, [*way, name]))), [])
        done.add(name)
        return found

    return next((found for name in sorted(imported) if (found := follow(name, []))), [])


def test_no_modules_import_each_other_in_a_circle():
    files = {module(path): path for path in PROGRAM}

    assert circle({name: {*modules(path)} & files.keys() - {name} for name, path in files.items()}) == []


def test_a_circle_is_found():
    assert circle({"a": ["b"], "b": ["c"], "c": ["b"]}) == ["b", "c", "b"]
    assert circle({"a": ["b", "c"], "b": ["c"], "c": []}) == []


def compares_clouds(path: Path) -> bool:
    """Whether it asks of a stack which cloud it is on, or which of their models it is."""
    return any(
        (isinstance(node, ast.Compare) and any(_names_a_cloud(side) for side in (node.left, *node.comparators)))
        or (isinstance(node, ast.Call) and _asks_for_a_model(node))
        for node in ast.walk(ast.parse(path.read_text()))
    )


def _names_a_cloud(node: ast.expr) -> bool:
    return (isinstance(node, ast.Attribute) and node.attr == "cloud") or (
        isinstance(node, ast.Constant) and node.value in CLOUD_FOLDERS
    )


def _asks_for_a_model(node: ast.Call) -> bool:
    models = {f"{cloud.capitalize()}Stack" for cloud in CLOUD_FOLDERS}
    named = {one.id for arg in node.args for one in ast.walk(arg) if isinstance(one, ast.Name)}
    return isinstance(node.func, ast.Name) and node.func.id == "isinstance" and bool(named & models)


@pytest.mark.parametrize(
    "path", [path for path in PROGRAM if path in NEUTRAL or path.parts[0] != "components"], ids=str
)
def test_nobody_but_the_one_match_and_the_commands_asks_which_cloud_it_is(path: Path):
    assert not compares_clouds(path) or path in COMMANDS


@pytest.mark.parametrize("question", ['stack.cloud != "local"', 'values["cloud"] == "aks"', "isinstance(x, OkeStack)"])
def test_such_a_question_is_found(question: str, tmp_path: Path):
    asking = tmp_path / "asking.py"
    asking.write_text(f"def f(stack, values, x):\n    return {question}\n")

    assert compares_clouds(asking)


@pytest.mark.parametrize("path", [path for path in PROGRAM if path.parts[0] == "stacks"], ids=str)
def test_settings_import_no_component(path: Path):
    assert not {name for name in imports(path) if name.startswith("components")}


@pytest.mark.parametrize(
    ("stack", "sdks"),
    [
        ("gke-dev", {"pulumi_gcp"}),
        ("aks-dev", {"pulumi_azure_native"}),
        ("oke-dev", {"pulumi_oci"}),
        ("local-dev", set[str]()),
    ],
)
def test_only_the_stacks_own_cloud_sdk_is_imported(stack: str, sdks: set[str]):
    program = f"""
import runpy, sys, yaml
from tests import mock_engine
config = yaml.safe_load(open("stacks/Pulumi.{stack}.yaml"))["config"]
mock_engine.run(lambda: runpy.run_path("__main__.py"), config=config)
print(*sorted(name for name in sys.modules if name in {sorted(CLOUD_SDKS)}))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert set(done.stdout.split()) == sdks
