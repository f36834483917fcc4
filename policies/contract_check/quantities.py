"""Amounts such as 250m, 1.5 and 10Gi. Source: the API reference, common-definitions/quantity."""

import re
from decimal import Decimal
from typing import Any, Final

QUANTITY: Final = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([numkMGTPE]|[KMGTPE]i|[eE][+-]?[0-9]+)?")
_UNITS: Final = {
    "n": Decimal(10) ** -9,
    "u": Decimal(10) ** -6,
    "m": Decimal(10) ** -3,
    **{unit: Decimal(10) ** (3 * power) for power, unit in enumerate("kMGTPE", 1)},
    **{f"{unit}i": Decimal(2) ** (10 * power) for power, unit in enumerate("KMGTPE", 1)},
}


def amount(quantity: Any) -> Decimal | None:
    """How much it is; None where it is no quantity, or not known."""
    if isinstance(quantity, bool) or not isinstance(quantity, str | int | float):
        return None
    text = str(quantity)
    if not QUANTITY.fullmatch(text):
        return None
    for unit in sorted(_UNITS, key=len, reverse=True):
        if text.endswith(unit):
            return Decimal(text.removesuffix(unit)) * _UNITS[unit]
    return Decimal(text)
