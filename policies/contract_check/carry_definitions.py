"""Writes definitions of custom resources into crds/: `python -m contract_check.carry_definitions FILE.yaml...`.

Every served version goes into the index, the stored version's schema into a file. Descriptions and the status, which
only controllers write, are left out, as are marks of Kubernetes' own that say nothing about a value's form.

With `--whole` the definitions are also written as the program registers them, one a line: all but their descriptions.
"""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from contract_check.custom_resources import FOLDER
from contract_check.json_schema import KEYWORDS


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", type=Path, nargs="+", help="manifests that hold CustomResourceDefinitions")
    parser.add_argument("--into", type=Path, default=FOLDER, help="folder of the definitions")
    parser.add_argument("--whole", type=Path, help="file that the whole definitions are written to")
    options = parser.parse_args(arguments)
    index_path: Path = options.into / "index.json"
    index = json.loads(index_path.read_text(encoding="utf-8")) if index_path.exists() else {}
    found = [
        document
        for path in options.files
        for document in yaml.safe_load_all(path.read_text(encoding="utf-8"))
        if document and document.get("kind") == "CustomResourceDefinition"
    ]
    for document in found:
        print(carry(document["spec"], options.into, index))
    index_path.write_text(index_text(index), encoding="utf-8")
    if options.whole:
        options.whole.write_text(whole_text(found), encoding="utf-8")


def carry(spec: dict[str, Any], folder: Path, index: dict[str, Any]) -> Path:
    """Writes one definition and puts it into the index."""
    group, kind = spec["group"], spec["names"]["kind"]
    served = [version["name"] for version in spec["versions"] if version.get("served", True)]
    stored = next(version for version in spec["versions"] if version.get("storage"))
    index.setdefault(group, {})[kind] = {"versions": served, "scope": spec["scope"]}
    schema = without_descriptions(stored["schema"]["openAPIV3Schema"])
    schema.get("properties", {}).pop("status", None)
    content = {
        "group": group,
        "version": stored["name"],
        "kind": kind,
        "plural": spec["names"]["plural"],
        "scope": spec["scope"],
        "schema": schema,
    }
    path = folder / f"{group}.{kind}.json"
    path.write_text(f"{json.dumps(content, separators=(',', ':'))}\n", encoding="utf-8")
    return path


def without_descriptions(schema: Any, *, marks: bool = False) -> Any:
    """A schema without its texts; a property of that name stays. `marks` says whether those of Kubernetes stay too."""
    if isinstance(schema, list):
        return [without_descriptions(item, marks=marks) for item in schema]
    if not isinstance(schema, dict):
        return schema
    kept: dict[str, Any] = {}
    for key, value in schema.items():
        if key == "properties":
            kept[key] = {name: without_descriptions(below, marks=marks) for name, below in value.items()}
        elif key != "description" and (marks or key in KEYWORDS or not key.startswith("x-kubernetes-")):
            kept[key] = without_descriptions(value, marks=marks)
    return kept


def whole_text(documents: Sequence[dict[str, Any]]) -> str:
    """Whole definitions by name, one a line, so that a change reads as a change of that definition."""
    bare = [without_descriptions(document["spec"], marks=True) for document in documents]
    specs = {f"{spec['names']['plural']}.{spec['group']}": spec for spec in bare}
    lines = (f"{json.dumps(name)}: {json.dumps(spec, separators=(',', ':'))}" for name, spec in sorted(specs.items()))
    return "{\n" + ",\n".join(lines) + "\n}\n"


def index_text(index: dict[str, Any]) -> str:
    """The index with one line a kind, sorted, so that a change reads as a change of that kind."""
    groups = (f" {json.dumps(group)}: {{\n{_kinds(kinds)}\n }}" for group, kinds in sorted(index.items()))
    return "{\n" + ",\n".join(groups) + "\n}\n"


def _kinds(kinds: dict[str, Any]) -> str:
    return ",\n".join(f"  {json.dumps(kind)}: {json.dumps(entry)}" for kind, entry in sorted(kinds.items()))


if __name__ == "__main__":
    main()
