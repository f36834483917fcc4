"""What a workload file says of its data services, and what can only be seen of them together."""

import difflib
from collections.abc import Callable, Iterator, Mapping
from typing import Annotated, Any, Final, Protocol

from pydantic import Field

from components.services.dapr.model import Components
from components.services.data.bucket import BucketService, BucketSpec, reader_problems
from components.services.data.kafka import CLUSTER, KafkaService, KafkaSpec
from components.services.data.kafka import DAPR as DAPR_USER
from components.services.data.mongodb import MongodbService, MongodbSpec
from components.services.data.nominatim import NominatimService, NominatimSpec
from components.services.data.postgres import DAPR, PostgresService, PostgresSpec
from components.services.data.queue import CloudQueueSpec, QueueService, queue_problems
from components.services.data.rabbitmq import RabbitmqService, RabbitmqSpec
from components.services.data.service import DataService, variable
from components.services.data.valkey import ValkeyService, ValkeySpec
from components.services.data.weaviate import WeaviateService, WeaviateSpec
from components.services.gateway.canary_model import Canary
from stacks.model import form

DataName = Annotated[
    str,
    form(
        r"(?=.{1,30}$)[a-z][a-z0-9]*(-[a-z0-9]+)*",
        "30 lower-case letters, digits and single hyphens at most, starting with a letter, for example cache",
    ),
]

DataSpec = Annotated[
    ValkeySpec
    | PostgresSpec
    | KafkaSpec
    | BucketSpec
    | CloudQueueSpec
    | MongodbSpec
    | RabbitmqSpec
    | WeaviateSpec
    | NominatimSpec,
    Field(discriminator="kind"),
]
"""One data service, by its kind."""

KINDS: Final[Mapping[type[DataSpec], Callable[..., DataService[Any, Any]]]] = {
    ValkeySpec: ValkeyService,
    PostgresSpec: PostgresService,
    KafkaSpec: KafkaService,
    MongodbSpec: MongodbService,
    RabbitmqSpec: RabbitmqService,
    BucketSpec: BucketService,
    CloudQueueSpec: QueueService,
    WeaviateSpec: WeaviateService,
    NominatimSpec: NominatimService,
}
"""What makes each kind."""

RESERVED: Final = (CLUSTER, DAPR)
"""Names that Dapr's components have, where a workload has any."""


class _Service(Protocol):
    @property
    def env(self) -> Mapping[str, str]: ...

    @property
    def secrets(self) -> Mapping[str, str]: ...

    @property
    def canary(self) -> Canary | None: ...

    @property
    def data(self) -> tuple[str, ...]: ...


class _Workload(Protocol):
    @property
    def components(self) -> Components: ...

    @property
    def data(self) -> Mapping[str, DataSpec]: ...

    @property
    def services(self) -> Mapping[str, _Service]: ...


def data_problems(workload: _Workload) -> list[tuple[str, str]]:
    """What is wrong with the data services of a workload, and with who uses them: key path, and text."""
    used = {name: service.data for name, service in workload.services.items()}
    return [
        *_service_names(workload),
        *_data_names(workload),
        *_fixed_names(workload),
        *_unknown(workload),
        *reader_problems(workload.data, used),
        *queue_problems(workload.data, used),
        *_variables(workload),
    ]


def _implied(components: Components) -> Iterator[str]:
    """Names that Dapr's components have."""
    if components.pubsub is not None and components.pubsub.kind == "kafka":
        yield CLUSTER
    if components.state is not None or components.configuration is not None:
        yield DAPR


def _service_names(workload: _Workload) -> Iterator[tuple[str, str]]:
    """Operators give Services, accounts and Secrets names that begin with that of the data service."""
    for service in workload.services:
        for own in dict.fromkeys([*RESERVED, *workload.data, *_fixed(workload)]):
            if service == own or service.startswith(f"{own}-"):
                text = f"names that begin with {own} are those of its data services; give the service another name"
                yield f"services.{service}", text


def _fixed(workload: _Workload) -> dict[str, str]:
    """How the names of objects begin that data services make whatever they are called, and the first that does."""
    owners: dict[str, str] = {}
    for name, spec in workload.data.items():
        for own in KINDS[type(spec)].OBJECTS:
            owners.setdefault(own, name)
    return owners


def _fixed_names(workload: _Workload) -> Iterator[tuple[str, str]]:
    fixed = _fixed(workload)
    for name, spec in workload.data.items():
        owners = {own: owner for own, owner in fixed.items() if owner != name}
        if again := next((owners[own] for own in KINDS[type(spec)].OBJECTS if own in owners), None):
            yield f"data.{name}", f"{again} is of this kind already, and a workload has one at most"
        for own, owner in owners.items():
            if name == own or name.startswith(f"{own}-"):
                yield f"data.{name}", f"names that begin with {own} are those of {owner}; give it another name"


def _data_names(workload: _Workload) -> Iterator[tuple[str, str]]:
    implied = set(_implied(workload.components))
    for name in workload.data:
        if name in implied and not (name == CLUSTER and isinstance(workload.data[name], KafkaSpec)):
            yield f"data.{name}", "Dapr's components have that name; give the data service another one"
        owners = [
            *(f"the service {service}" for service in workload.services if name.startswith(f"{service}-")),
            *(
                f"the data service {other}"
                for other in {**workload.data, **dict.fromkeys(implied)}
                if name.startswith(f"{other}-")
            ),
        ]
        if owners:
            yield f"data.{name}", f"its objects would have names like those of {owners[0]}; give it another name"


def _unknown(workload: _Workload) -> Iterator[tuple[str, str]]:
    for service, spec in workload.services.items():
        for index, name in enumerate(spec.data):
            if name not in workload.data:
                near = difflib.get_close_matches(name, workload.data, n=1)
                hint = f', did you mean "{near[0]}"?' if near else ""
                yield f"services.{service}.data.{index}", f"there is no data service {name}{hint}"
            elif service == DAPR_USER and isinstance(workload.data[name], KafkaSpec):
                yield f"services.{service}", "a user of Kafka has that name already; give the service another one"


def _variables(workload: _Workload) -> Iterator[tuple[str, str]]:
    for service, spec in workload.services.items():
        taken: dict[str, str] = {}
        for name in (one for one in spec.data if one in workload.data):
            for suffix in sorted(KINDS[type(workload.data[name])].VARIABLES):
                full = variable(name, suffix)
                if taken.setdefault(full, name) != name:
                    yield f"services.{service}.data", f"{full} is a variable of both {taken[full]} and {name}"
        places = {"env": spec.env, "secrets": spec.secrets, "canary.env": spec.canary.env if spec.canary else {}}
        for place, given in places.items():
            for full in (one for one in given if one in taken):
                yield f"services.{service}.{place}.{full}", f"a variable of the data service {taken[full]}"
