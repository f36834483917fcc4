"""The gateway's configuration where it is stored: a file of Kong's, or the template that one is made of.

Its text is a secret, and known where it is checked; no finding shows a credential.
"""

import json
import re
from collections.abc import Iterator

from contract_check.findings import Finding
from contract_check.kong_declarative import refusals
from contract_check.places import Place

FILE = "kong.yml"
"""Key of the configuration in a Secret or a config map."""

_GUARD = re.compile(r'{{ if [^}]+ }}{{ fail "[^"]+" }}{{ end }}\n')
_PLACE = re.compile(r"{{ \.(\w+) \| trim \| toJson }}")
_BRACES = '{{ "{{" }}'


def check_gateway(data: Place) -> Iterator[Finding]:
    """What Kong would refuse of the file that an object holds, if it holds one."""
    given = dict(data.members()).get(FILE)
    if given is None or given.text is None:
        return
    try:
        document = json.loads(_as_filled(given.text))
    except ValueError as error:
        yield given.wrong(f"is no JSON from {getattr(error, 'lineno', 1)}:{getattr(error, 'colno', 1)} on")
        return
    if found := refusals(document):
        yield given.wrong(f"Kong would not start: {'; '.join(found)}")


def _as_filled(text: str) -> str:
    """The file, with a text for each value that External Secrets puts in."""
    text = _PLACE.sub(lambda found: json.dumps(found[1]), _GUARD.sub("", text))
    return text.replace(_BRACES, "{{")
