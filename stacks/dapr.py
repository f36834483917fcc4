"""The roots of trust that sidecars have."""

from typing import Annotated

from pydantic import Field

from stacks.model import Distinct, Model


class Dapr(Model):
    """Dapr's control plane."""

    roots: Annotated[tuple[Annotated[int, Field(ge=1)], ...], Field(min_length=1, max_length=3), Distinct] = (1,)
    """Numbers of the roots that sidecars trust, each a key and a certificate of ten years. The first signs. A number
    that is new makes a root, one that is taken away deletes its key for good: in one step, sidecars that run would
    trust nobody. docs/runbooks/dapr-root.md has the steps: [1], [1, 2], [2, 1], [2]."""
