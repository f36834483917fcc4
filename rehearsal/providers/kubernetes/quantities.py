"""Quantities such as 250m, 1.5 and 10Gi.

Source: kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity.
"""

import re
from decimal import Decimal, InvalidOperation
from typing import Final

_QUANTITY: Final = re.compile(r"(?P<number>[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+))(?P<unit>[A-Za-z]*|[eE][+-]?[0-9]+)")
_UNITS: Final = {
    "n": Decimal(10) ** -9,
    "u": Decimal(10) ** -6,
    "m": Decimal(10) ** -3,
    "": Decimal(1),
    **{unit: Decimal(10) ** (3 * power) for power, unit in enumerate("kMGTPE", 1)},
    **{f"{unit}i": Decimal(2) ** (10 * power) for power, unit in enumerate("KMGTPE", 1)},
}


def amount(quantity: object) -> Decimal | None:
    """How much it is, None where it is no quantity."""
    match = _QUANTITY.fullmatch(str(quantity))
    if match is None:
        return None
    unit = match["unit"]
    if unit in _UNITS:
        return Decimal(match["number"]) * _UNITS[unit]
    try:
        return Decimal(f"{match['number']}{unit}")
    except InvalidOperation:
        return None


def number(quantity: object) -> Decimal:
    """How much a quantity is that the API server has accepted. Raises `ValueError` for what is none."""
    found = amount(quantity)
    if found is None:
        raise ValueError(f"{quantity!r} is no quantity")
    return found
