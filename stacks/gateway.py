"""How many pods answer for the stack's hosts, what they take in, and whom they believe."""

from typing import Annotated

from pydantic import Field, ValidationInfo, field_validator

from stacks.model import Cidr, Distinct, Model


class GatewaySettings(Model):
    """The gateway in front of everything that has a host (docs/gateway.md)."""

    min_replicas: int = Field(ge=1, le=50)
    """Fewest pods. By environment: dev 1, staging and prod 2. Rate limits of more than one pod are counted in a store
    that comes with the second."""

    max_replicas: int = Field(ge=1, le=50)
    """Most pods: more are started while those that run use three quarters of the CPU that they ask for. By
    environment: dev 1, staging 4, prod 6."""

    max_body_mib: int = Field(default=32, ge=1, le=512)
    """Largest body of a request in MiB, of a gRPC call all messages of the client together. A larger one is answered
    with 413. A route may allow less by the plugin `request-size-limiting`."""

    trusted_proxies: Annotated[tuple[Cidr, ...], Distinct] = ()
    """Addresses of what stands in front of the load balancer, such as a content delivery network: what it says of the
    client's address in `X-Forwarded-For` is believed. Nobody else is: the load balancer itself keeps the address."""

    @field_validator("max_replicas")
    @classmethod
    def _is_no_less_than_the_fewest(cls, most: int, info: ValidationInfo) -> int:
        fewest: int | None = info.data.get("min_replicas")
        if fewest is not None and most < fewest:
            raise ValueError(f"expected at least min_replicas ({fewest})")
        return most

    @property
    def replicated(self) -> bool:
        """Whether more than one pod may run."""
        return self.max_replicas > 1
