"""Writes the value keys of a chart into charts/: `python -m contract_check.carry_chart CHART REPOSITORY`.

CHART is an unpacked chart or a packed one (`helm pull`). Kinds come from the defaults in values.yaml, those of packed
subcharts under their names; keys that only templates read take any value. A map that the earlier version's file left
free stays free. Where the default is of another kind than what the chart takes, corrections.json says so, and the file
of the chart is never changed by hand.
"""

import argparse
import json
import re
import tarfile
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Any

import yaml

from contract_check.chart_values import FOLDER

# Maps that Kubernetes or another program defines, whatever a chart's defaults put into them.
FREE = frozenset(
    """affinity nodeSelector resources requests limits capabilities httpGet env lifecycle strategy updateStrategy
    deploymentStrategy statefulStrategy rollingUpdate behavior dnsConfig dataVolumeParameters volumeClaimTemplate
    minAllowed maxAllowed sessionAffinityConfig grafana.ini podAffinity podAntiAffinity envValueFrom seccompProfile
    attachMetadata hostAliases ports""".lower().split()
)
FREE_ENDINGS = ("labels", "annotations", "securitycontext", "probe", "selector")
CORRECTIONS = Path(__file__).parent / "corrections.json"
READ = re.compile(r"\.Values\.([A-Za-z_][\w]*(?:\.[A-Za-z_][\w]*)*)")

Files = dict[str, str]


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("chart", type=Path, help="folder or .tgz")
    parser.add_argument("repository", help="where the chart is published")
    parser.add_argument("--into", type=Path, default=FOLDER, help="folder of the chart files")
    options = parser.parse_args(arguments)
    files = unpacked(options.chart) if options.chart.is_file() else read_folder(options.chart)
    described = yaml.safe_load(files["Chart.yaml"])
    path: Path = options.into / f"{described['name']}.json"
    earlier = json.loads(path.read_text(encoding="utf-8"))["values"] if path.exists() else {}
    corrections = json.loads(CORRECTIONS.read_text(encoding="utf-8")).get(described["name"], {})
    content = {
        "chart": described["name"],
        "version": described["version"],
        "repository": options.repository,
        "values": corrected(keep_free(value_keys(files), earlier), corrections),
    }
    path.write_text(f"{json.dumps(content, indent=1)}\n", encoding="utf-8")
    print(path)


def read_folder(folder: Path) -> Files:
    """The text files of an unpacked chart by path."""
    wanted = (path for path in folder.rglob("*") if path.suffix in (".yaml", ".tpl", ".txt"))
    return {path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in wanted}


def unpacked(archive: Path) -> Files:
    """The text files of a packed chart by path."""
    files: Files = {}
    with tarfile.open(archive) as packed:
        for member in packed:
            content = packed.extractfile(member) if member.isfile() else None
            if content is not None and PurePosixPath(member.name).suffix in (".yaml", ".tpl", ".txt"):
                files[member.name.partition("/")[2]] = content.read().decode()
    return files


def value_keys(files: Files) -> dict[str, Any]:
    """The tree of value keys of a chart and, below their names, of its subcharts."""
    keys = tree_of(yaml.safe_load(files.get("values.yaml", "")) or {})
    names = sorted({path.split("/")[1] for path in files if re.fullmatch(r"charts/[^/]+/Chart\.yaml", path)})
    for name in names:
        prefix = f"charts/{name}/"
        below = value_keys({path.removeprefix(prefix): text for path, text in files.items() if path.startswith(prefix)})
        keys[name] = overlaid(below, keys.get(name, {}))
    for path, text in files.items():
        for match in READ.finditer(text) if path.startswith("templates/") else ():
            add_read(keys, match[1].split("."))
    return keys


def tree_of(values: dict[str, Any]) -> dict[str, Any]:
    return {str(key): kind_of_default(str(key), value) for key, value in values.items()}


def kind_of_default(key: str, value: Any) -> Any:
    match value:
        case dict() if value and not is_free(key):
            return tree_of(value)
        case dict():
            return "map"
        case list():
            return "list"
        case bool():
            return "bool"
        case int() | float():
            return "number"
        case str() if value == "-":
            # Consul's word for what a key above it says, in the place of true or false.
            return "any"
        case str():
            return "string"
        case _:
            return "any"


def is_free(key: str) -> bool:
    return key.lower() in FREE or key.lower().endswith(FREE_ENDINGS)


def overlaid(below: Any, over: Any) -> Any:
    """A subchart's keys with what its parent's defaults add."""
    if not isinstance(below, dict) or not isinstance(over, dict):
        return below if over in ("map", {}) else over
    added = {key: overlaid(below[key], value) if key in below else value for key, value in over.items()}
    return below | added


def add_read(tree: dict[str, Any], steps: list[str]) -> None:
    """A key that a template reads and values.yaml does not have; below a leaf nothing is known."""
    for step in steps[:-1]:
        below = tree.setdefault(step, {})
        if not isinstance(below, dict):
            return
        tree = below
    tree.setdefault(steps[-1], "any")


def keep_free(tree: Any, earlier: Any) -> Any:
    """The tree with those maps left free that the earlier version's file left free."""
    if isinstance(tree, dict) and earlier == "map":
        return "map"
    if isinstance(tree, dict) and isinstance(earlier, dict):
        return {key: keep_free(value, earlier.get(key)) for key, value in tree.items()}
    return tree


def corrected(tree: dict[str, Any], corrections: dict[str, str]) -> dict[str, Any]:
    """The tree with the kinds that are known better. Exits where the chart has no such key any more."""
    for path, kind in corrections.items():
        *above, last = path.split(".")
        found = [below for below in _below(tree, above) if last in below]
        if not found:
            raise SystemExit(f"{CORRECTIONS.name}: the chart has no key {path} any more")
        for below in found:
            below[last] = kind
    return tree


def _below(tree: Any, steps: Sequence[str]) -> list[dict[str, Any]]:
    """What the steps lead to, those of it that have keys."""
    if not isinstance(tree, dict):
        return []
    if not steps:
        return [tree]
    keys = list(tree) if steps[0] == "*" else [steps[0]]
    return [found for key in keys for found in _below(tree.get(key), steps[1:])]


if __name__ == "__main__":
    main()
