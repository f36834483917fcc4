"""Writes the metrics of exporters into metrics/: `python -m signals.carry SURVEY`.

SURVEY is a JSON object by exporter: its version, where the list was read or scraped, how it is scraped, and for each
metric its type, labels and unit. Entries of exporters that are there already are replaced, labels that were added by
hand included: a survey is the whole truth of a version.
"""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

from signals.exposed import FOLDER


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("survey", type=Path)
    parser.add_argument("--into", type=Path, default=FOLDER, help="folder of the exporters' files")
    options = parser.parse_args(arguments)
    for exporter, facts in json.loads(options.survey.read_text(encoding="utf-8")).items():
        path: Path = options.into / f"{exporter}.json"
        path.write_text(dumped(facts), encoding="utf-8")
        print(path)


def dumped(facts: dict[str, object]) -> str:
    """An exporter's file: one metric a line, so that a newer version's file shows what came and went."""
    metrics = facts["metrics"]
    assert isinstance(metrics, dict)
    head = {key: facts[key] for key in ("version", "source", "scrape", "not_exposed", "note") if key in facts}
    lines = [f"  {json.dumps(name)}: {json.dumps(metrics[name])}" for name in sorted(metrics)]
    body = ",\n".join(lines)
    return f'{json.dumps(head, indent=1)[:-2]},\n "metrics": {{\n{body}\n }}\n}}\n'


if __name__ == "__main__":
    main()
