"""Which labels a line of logs has, before and behind each stage of a query."""

from dataclasses import dataclass, field

STREAM = frozenset({"namespace", "pod", "container", "app", "level", "service_name"})
"""Labels of streams, the only ones that a selector finds: those that the agents set, and Loki's own `service_name`."""

STRUCTURED = frozenset({"trace_id", "span_id", "request_id", "log_type", "detected_level", "kind", "name", "reason"})
"""Structured metadata that lines have: of the agents, of Loki itself (`detected_level`), and of events."""

ERRORS = frozenset({"__error__", "__error_details__"})
"""Labels that Loki adds to a line that a stage could not work on."""


@dataclass
class Labels:
    """The labels that a line can have at one place of a query."""

    known: set[str] = field(default_factory=lambda: {*STREAM, *STRUCTURED, *ERRORS})
    """Labels by name."""

    any: bool = False
    """Whether a parser has made labels of the line that only the line knows."""

    problems: list[str] = field(default_factory=list[str])
    """What is wrong with the names that were asked for."""

    def ask(self, name: str) -> None:
        """Notes a name that nothing before this place makes a label of."""
        if not self.any and name not in self.known:
            self.problems.append(f"no label {name}: nothing before it sets one")

    def set(self, *names: str) -> None:
        """Adds what a stage makes."""
        self.known.update(names)
