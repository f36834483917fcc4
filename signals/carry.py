"""Writes those metrics of exporters into metrics/ that anybody asks for: `python -m signals.carry [SURVEY]`.

SURVEY is a JSON object by exporter: its version, where the list was read or scraped, how it is scraped, and for each
metric its type, labels and unit. Entries of exporters that are there already are replaced, labels that were added by
hand included: a survey is the whole truth of a version. Without a survey, the files lose what nobody asks for any more.
An exporter without such a metric keeps its file: it is scraped, and `up` tells of it. Hints at what there is instead of
a metric that no exporter has (`not_exposed`) stay in any case. Of label_values.json the labels go that no metric has
any more.
"""

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from signals.asked import is_asked_for
from signals.exposed import FOLDER, metric_of, metrics
from signals.label_values import FILE, values

HEAD = ("version", "source", "scrape", "not_exposed", "note")


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("survey", type=Path, nargs="?")
    parser.add_argument("--into", type=Path, default=FOLDER, help="folder of the exporters' files")
    options = parser.parse_args(arguments)
    found = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(options.into.glob("*.json"))}
    if options.survey:
        found |= json.loads(options.survey.read_text(encoding="utf-8"))
    for exporter, facts in found.items():
        path: Path = options.into / f"{exporter}.json"
        path.write_text(dumped(carried(exporter, facts)), encoding="utf-8")
    if options.into == FOLDER:
        metrics.cache_clear()
        FILE.write_text(values(metrics()), encoding="utf-8")


def carried(exporter: str, facts: Mapping[str, Any]) -> dict[str, Any]:
    """What is known of an exporter, with those of its metrics alone that something asks for."""
    found = facts["metrics"].items()
    kept = {name: known for name, known in found if is_asked_for(metric_of(exporter, name, known))}
    return {**facts, "metrics": kept}


def dumped(facts: Mapping[str, Any]) -> str:
    """An exporter's file: one metric a line, so that a newer version's file shows what came and went."""
    found = facts["metrics"]
    head = json.dumps({key: facts[key] for key in HEAD if key in facts}, indent=1, ensure_ascii=False)
    lines = [f"  {json.dumps(name)}: {json.dumps(found[name], ensure_ascii=False)}" for name in sorted(found)]
    body = "".join(["\n", ",\n".join(lines), "\n "]) if lines else ""
    return f'{head[:-2]},\n "metrics": {{{body}}}\n}}\n'


if __name__ == "__main__":
    main()
