"""Writes docs/parity.md, and names the waivers whose date has come."""

from datetime import date

from tests.parity.capabilities import capabilities, due
from tests.parity.page import PAGE, render

PAGE.write_text(render())
print(f"wrote {PAGE}")
for line in due(capabilities(), date.today()):
    print(line)
