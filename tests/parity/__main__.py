"""Writes docs/parity.md, and names the waivers whose date has come."""

from datetime import date

from tests.parity.capabilities import Waiver, capabilities
from tests.parity.page import PAGE, render

PAGE.write_text(render())
print(f"wrote {PAGE}")
for row in capabilities():
    for cloud, cell in row.cells.items():
        if isinstance(cell, Waiver) and cell.look_again <= date.today():
            print(f"look again: {row.name}, {cloud}: {cell.limit} ({cell.source})")
