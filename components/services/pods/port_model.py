"""The ports of a service, and what is spoken at each."""

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, GetJsonSchemaHandler, ModelWrapValidatorHandler, TypeAdapter, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from components.services.values import PortName, PortNumber
from stacks.model import Model, at

Protocol = Literal["http", "grpc", "websocket", "tcp"]

_NUMBER: Final = TypeAdapter[int](PortNumber)

BEGINNINGS: Final[Mapping[str, Protocol]] = {"grpc": "grpc", "ws": "websocket", "websocket": "websocket"}
"""What is spoken at a port, by the first word of its name."""

APP_PROTOCOLS: Final[Mapping[Protocol, str]] = {
    "http": "http",
    "grpc": "kubernetes.io/h2c",
    "websocket": "kubernetes.io/ws",
    "tcp": "tcp",
}
"""What Kubernetes calls them: https://kubernetes.io/docs/concepts/services-networking/service/#application-protocol"""


class Port(Model):
    """A port that the containers listen at. A plain number stands for one whose protocol follows from its name."""

    number: PortNumber
    """The number, the same in the container and at the Service."""

    protocol: Protocol = "http"
    """What is spoken there. If not given, by the first word of the port's name: `grpc`; `ws` and `websocket` for
    websocket; anything else is http."""

    @model_validator(mode="wrap")
    @classmethod
    def _of_a_number(cls, value: Any, handler: ModelWrapValidatorHandler["Port"]) -> "Port":
        if isinstance(value, dict | Port):
            return handler(value)
        return cls(number=_NUMBER.validate_python(value, strict=True))

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"anyOf": [_NUMBER.json_schema(), handler(schema)]}


def named_protocol(name: str) -> Protocol:
    """What is spoken at a port that has this name and says nothing else."""
    return BEGINNINGS.get(name.partition("-")[0], "http")


def _with_protocols(ports: dict[str, Port]) -> dict[str, Port]:
    taken: dict[int, str] = {}
    again = [(name, port.number) for name, port in ports.items() if taken.setdefault(port.number, name) != name]
    if again:
        raise at(*((name, f"{number} is the port {taken[number]} already") for name, number in again))
    return {
        name: port if "protocol" in port.model_fields_set else Port(number=port.number, protocol=named_protocol(name))
        for name, port in ports.items()
    }


Ports = Annotated[dict[PortName, Port], AfterValidator(_with_protocols)]
"""Ports by name. No number has two names."""
