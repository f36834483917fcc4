"""What plugins in a workload file have in common.

https://docs.konghq.com/hub/ has each plugin at length. The defaults here are the safe ones, where Kong's are not:
credentials go no further than the gateway, keys and tokens are not looked for in addresses, which end up in logs.
"""

from abc import abstractmethod
from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import Field

from stacks.model import Distinct, Model, form

HeaderName = Annotated[str, form(r"[A-Za-z0-9_-]+", "a header's name, for example X-Api-Key")]
Headers = Annotated[tuple[HeaderName, ...], Distinct]
Text = Annotated[str, Field(min_length=1, max_length=500)]


class PluginSpec(Model):
    """A plugin of a route."""

    @abstractmethod
    def config(self) -> dict[str, Any]:
        """Kong's fields of it, as far as the workload file decides them."""


def given(**fields: Any) -> dict[str, Any]:
    """The fields that have a value, lists as Kong reads them."""
    return {
        name: list(value) if isinstance(value, Sequence) and not isinstance(value, str) else value
        for name, value in fields.items()
        if value not in (None, ())
    }
