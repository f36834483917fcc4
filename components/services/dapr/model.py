"""What a workload file says of Dapr: what each service uses of it, and the components that the workload has."""

from typing import Annotated, Literal, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator

from components.services.dapr.resiliency_model import Resiliency
from components.services.data.kafka import KafkaSettings, Topic
from components.services.data.postgres import PostgresSettings
from components.services.schedules import Schedule
from components.services.service_secrets import SecretName
from components.services.values import HttpPath, PortName, Resources
from stacks.model import Distinct, Model, at, form

DEAD_LETTERS = "-dead-letters"
"""What the topic of messages that nobody could handle ends in, where the workload file names no other."""

BindingName = Annotated[
    str,
    form(r"(?=.{1,40}$)[a-z][a-z0-9]*(-[a-z0-9]+)*", "lower-case letters, digits and single hyphens, such as cleanup"),
]
ComponentName = Literal["pubsub", "state", "configuration", "secrets"]


class Subscription(Model):
    """A topic whose messages the service takes."""

    topic: Topic
    route: HttpPath
    """Path, or method of gRPC, that each message is posted to."""

    dead_letter: Topic | None = None
    """Topic of the messages that all retries failed for; the topic's own name and `-dead-letters`, if not given."""

    @property
    def dead_letters(self) -> str | None:
        """Where messages go that nobody could handle. Dead letters that nobody can handle stay where they are."""
        if self.dead_letter is not None or self.topic.endswith(DEAD_LETTERS):
            return self.dead_letter
        return f"{self.topic}{DEAD_LETTERS}"


class Cron(Model):
    """A call at fixed times, of each replica of the service."""

    schedule: Schedule
    """Five fields of cron, six with seconds first, or a word such as @hourly. In UTC."""

    route: HttpPath
    """Path that is posted to."""


class DaprSpec(Model):
    """What one service uses of Dapr, by the sidecar that its pods get."""

    port: PortName | None = None
    """Name of the port that the sidecar calls the service at; none for a service that only calls others."""

    protocol: Literal["http", "grpc", "h2c"] = "http"
    """What the service speaks at that port."""

    health: HttpPath | None = None
    """Path that the sidecar asks whether the service can work: messages and calls stop while it cannot. The path of
    the readiness probe, if that is on the same port."""

    publishes: Annotated[tuple[Topic, ...], Distinct] = ()
    """Topics that the service publishes to. Any other is refused."""

    subscribes: tuple[Subscription, ...] = ()
    """Topics that the service takes messages of. Any other is refused."""

    state: bool = False
    """Whether the service keeps state in the component `state`, by keys of its own."""

    configuration: bool = False
    """Whether the service reads the component `configuration`."""

    secrets: Annotated[tuple[SecretName, ...], Distinct] = ()
    """Secrets that the service reads through Dapr, by their name in the vault without the workload's. Any other is
    refused."""

    cron: dict[BindingName, Cron] = Field(default_factory=dict[BindingName, Cron])
    """Calls at fixed times, by name."""

    resiliency: Resiliency = Resiliency()
    resources: Resources = Resources(cpu="50m", memory="128Mi")
    """What each sidecar asks for. Memory is also its limit."""

    @field_validator("health")
    @classmethod
    def _health_is_asked_by_http(cls, health: str | None, info: ValidationInfo) -> str | None:
        if health is not None and info.data.get("port", "") is None:
            raise ValueError("there is no port to ask at")
        if health is not None and info.data.get("protocol") == "grpc":
            raise ValueError("a path is asked by http alone")
        return health

    @model_validator(mode="after")
    def _routes_have_a_port_and_one_meaning(self) -> Self:
        routes = [(f"subscribes.{index}", one.route) for index, one in enumerate(self.subscribes)]
        routes += [(f"cron.{name}", one.route) for name, one in self.cron.items()]
        if routes and self.port is None:
            raise at(("port", "missing; messages and calls of cron come in through a port"))
        problems: list[tuple[str, str]] = []
        first: dict[str, str] = {}
        for path, route in routes:
            if first.setdefault(route, path) != path:
                problems.append((f"{path}.route", f"{route} is the route of {first[route]} already"))
        topics: dict[str, int] = {}
        for index, one in enumerate(self.subscribes):
            if topics.setdefault(one.topic, index) != index:
                problems.append((f"subscribes.{index}.topic", f"{one.topic} is that of subscribes.{topics[one.topic]}"))
            if one.dead_letter == one.topic:
                problems.append((f"subscribes.{index}.dead_letter", "the topic itself"))
        if problems:
            raise at(*problems)
        return self

    def uses(self) -> set[ComponentName]:
        """The components that the service asks of, or is asked by."""
        used: dict[ComponentName, bool] = {
            "pubsub": bool(self.publishes or self.subscribes),
            "state": self.state,
            "configuration": self.configuration,
            "secrets": bool(self.secrets),
        }
        return {name for name, is_used in used.items() if is_used}


class OwnComponent(Model):
    """A component of another kind, which the user runs and grants access to (docs/dapr.md)."""

    type: Annotated[str, form(r"[a-z]+(\.[a-z0-9]+)+", "a type of component such as pubsub.gcp.pubsub")]
    version: Annotated[str, form(r"v[0-9]+", "a version such as v1")] = "v1"
    metadata: dict[str, str | int | bool] = Field(default_factory=dict[str, str | int | bool])
    """Its settings. Nothing secret belongs here."""

    secrets: dict[str, Annotated[str, form(r"[a-z0-9.-]+/[A-Za-z0-9._-]+", "secret/key, such as broker/password")]] = (
        Field(default_factory=dict[str, str])
    )
    """Settings whose values are in Secrets of the workload's namespace, as `secret/key`."""

    @field_validator("secrets")
    @classmethod
    def _nothing_is_set_twice(cls, secrets: dict[str, str], info: ValidationInfo) -> dict[str, str]:
        plain = {name.lower() for name in info.data.get("metadata", {})}
        twice = [(name, "in metadata already") for name in secrets if name.lower() in plain]
        if twice:
            raise at(*twice)
        return secrets


class PubsubSpec(KafkaSettings):
    """Where messages are published: Kafka of the workload's own, or a broker of the user's."""

    kind: Literal["kafka", "own"] = "kafka"
    own: OwnComponent | None = Field(default=None, validate_default=True)
    """The broker, where the kind is `own`."""

    external: Annotated[tuple[Topic, ...], Distinct] = ()
    """Topics that somebody outside of the workload publishes to."""

    @field_validator("own")
    @classmethod
    def _own_is_of_its_kind(cls, own: OwnComponent | None, info: ValidationInfo) -> OwnComponent | None:
        kind = info.data.get("kind")
        if kind == "own" and own is None:
            raise ValueError("missing; the kind is own")
        if kind == "kafka" and own is not None:
            raise ValueError("the kind is kafka; own needs kind: own")
        if own is not None and not own.type.startswith("pubsub."):
            raise at(("type", f"{own.type} is no broker; their types begin with pubsub."))
        return own


class StateSpec(PostgresSettings):
    """Where services keep state: PostgreSQL, the cloud's where the stack has one."""

    kind: Literal["postgresql"] = "postgresql"
    actors: bool = False
    """Whether actors, and workflows, keep their state here too."""


class ConfigurationSpec(Model):
    """Where services read what may change while they run: the table `configuration` of the same database."""

    kind: Literal["postgresql"] = "postgresql"


class Components(Model):
    """What Dapr brings to the services of the workload. Each service uses what its `dapr` says, and no more."""

    pubsub: PubsubSpec | None = None
    state: StateSpec | None = None
    configuration: ConfigurationSpec | None = None
