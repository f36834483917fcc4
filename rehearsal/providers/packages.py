"""The local provider of a package, over an inventory of the caller's: for whoever asks one without an engine."""

from importlib import import_module
from importlib.util import find_spec

from rehearsal.providers.errors import UnknownTypeError
from rehearsal.providers.inventory import Inventory
from rehearsal.providers.provider import Provider

_HIDING = "random"
"""A package whose folder would hide a module of the standard library, and so ends with an underscore."""


def provider_of(package: str, inventory: Inventory) -> Provider:
    """The provider of a package by the name that an engine has for it, such as `azure-native`; not configured yet.

    Raises `UnknownTypeError` where there is none.
    """
    folder = f"{package}_" if package == _HIDING else package.replace("-", "_")
    if find_spec(f"rehearsal.providers.{folder}") is None:
        raise UnknownTypeError(f"there is no local provider for {package}: add it to rehearsal/providers/{folder}")
    return import_module(f"rehearsal.providers.{folder}.provider").create(inventory)
