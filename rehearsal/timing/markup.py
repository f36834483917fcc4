"""Pieces of the page: cells and tables. What is passed in as text has been escaped."""

from collections.abc import Iterable, Sequence
from html import escape

from rehearsal.timing.plan import Step


def table(title: str, text: str, columns: Iterable[str], rows: Sequence[Sequence[str]]) -> str:
    """A table under a heading. Columns of numbers have a dash before their name; rows are of finished cells."""
    heads = "".join(
        f'<th scope="col" class="number">{name[1:]}</th>' if name.startswith("-") else f'<th scope="col">{name}</th>'
        for name in columns
    )
    body = "\n".join(f"<tr>{''.join(row)}</tr>" for row in rows)
    inside = f"<table>\n<caption>{text}</caption>\n<thead><tr>{heads}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table>"
    return f"<h2>{title}</h2>\n{scrolled(title, inside)}"


def scrolled(title: str, inside: str) -> str:
    """A part that may be wider than the window, reached and moved by keyboard too."""
    return f'<div class="wide" tabindex="0" role="region" aria-label="{title}">\n{inside}\n</div>'


def heading(text: str) -> str:
    return f'<th scope="row">{text}</th>'


def resource(step: Step, critical: bool = False) -> str:
    """The name of a resource as the head of its row."""
    sign = (
        '<span class="critical" aria-hidden="true">◆</span><span class="hidden">critical: </span> ' if critical else ""
    )
    return f'<th scope="row" title="{escape(step.type)}">{sign}{escape(step.name)}</th>'


def cell(text: str) -> str:
    return f"<td>{text}</td>"


def number(text: str) -> str:
    return f'<td class="number">{text}</td>'


def linked(source: str) -> str:
    """A source of the form `address: what it says`."""
    address, _separator, text = source.partition(": ")
    return f'<a href="{escape(address)}">{escape(text)}</a>'
