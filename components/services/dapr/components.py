"""The components of a workload: what its declaration means for Dapr, each for the services that use it alone."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pulumi

from components.contracts import DaprSecretStore
from components.data.connections import KafkaConnection, PostgresConnection, SecretKey
from components.services.dapr.model import ComponentName, OwnComponent
from components.services.dapr.object import Declared
from components.services.dapr.topics import publishers, scopes, sidecars, subscribers
from components.services.model import WorkloadSpec

KUBERNETES_STORE = DaprSecretStore(type="secretstores.kubernetes")
"""What reads Secrets of the service's own namespace, where Dapr cannot read the vault itself."""

POSTGRES_CA = "/var/run/postgres-ca"
"""Where sidecars find the authority of PostgreSQL's certificate."""

CONFIGURATION_TABLE = "configuration"
"""Table of the workload's database, and the channel that its changes are told on."""

START = "30s"
"""How long a component may take to connect: brokers and databases are slow to answer while they are replaced."""

Metadata = list[dict[str, Any]]


def users(spec: WorkloadSpec, component: ComponentName) -> list[str]:
    """The services that use a component, which load it. Without any it would be everybody's."""
    return sorted(service for service, dapr in sidecars(spec).items() if component in dapr.uses())


def components(
    spec: WorkloadSpec,
    kafka: KafkaConnection | None,
    postgres: PostgresConnection | None,
    store: DaprSecretStore | None,
) -> Iterator[Declared]:
    """Every component that some service uses. `store` is the cloud's vault, where Dapr reads that itself."""
    if apps := users(spec, "pubsub"):
        yield _pubsub(spec, kafka, apps)
    if (apps := users(spec, "state")) and postgres is not None:
        actors = spec.components.state is not None and spec.components.state.actors
        yield state(postgres, apps, actors=actors)
    if (apps := users(spec, "configuration")) and postgres is not None:
        yield configuration(postgres, apps)
    if apps := users(spec, "secrets"):
        vault = store or KUBERNETES_STORE
        yield component("secrets", vault.type, plain(vault.metadata), apps)
    yield from schedules(spec)


def _pubsub(spec: WorkloadSpec, kafka: KafkaConnection | None, apps: list[str]) -> Declared:
    limits = {"publishingScopes": scopes(publishers(spec)), "subscriptionScopes": scopes(subscribers(spec))}
    own = spec.components.pubsub.own if spec.components.pubsub else None
    if own is not None:
        return component("pubsub", own.type, [*own_metadata(own), *plain(limits)], apps, version=own.version)
    assert kafka is not None, "a workload with messages has a broker"
    return component("pubsub", "pubsub.kafka", [*kafka_metadata(kafka), *plain(limits)], apps)


def kafka_metadata(kafka: KafkaConnection) -> Metadata:
    """How a sidecar reaches Kafka: encrypted, with the authority of the cluster's own and a password.

    The authority counts with every way of authentication, although the component's own description has it with one:
    https://github.com/dapr/components-contrib/blob/v1.18.4/common/component/kafka/auth.go
    """
    return [
        *plain(
            {
                "brokers": kafka.brokers,
                "version": kafka.version,
                # The first message of a topic is not lost on who comes after it.
                "initialOffset": "oldest",
                "consumerGroup": "{appID}",
                "authType": "password",
                "saslMechanism": kafka.mechanism.removeprefix("SCRAM-"),
                "saslUsername": kafka.user,
            }
        ),
        secret("saslPassword", kafka.password),
        secret("caCert", kafka.ca),
    ]


def postgres_metadata(postgres: PostgresConnection) -> Metadata:
    """How a sidecar reaches PostgreSQL. Its environment says how strictly the certificate is checked."""
    authority = {"sslRootCert": f"{POSTGRES_CA}/{postgres.ca.key}"} if postgres.ca else {}
    return [secret("connectionString", postgres.uri), *plain(authority)]


def state(postgres: PostgresConnection, apps: list[str], *, actors: bool) -> Declared:
    """Where services keep state: each its own keys, since those begin with its app-id."""
    kept = {"keyPrefix": "appid", "timeout": "10s", "actorStateStore": "true" if actors else "false"}
    return component("state", "state.postgresql", [*postgres_metadata(postgres), *plain(kept)], apps, version="v2")


def configuration(postgres: PostgresConnection, apps: list[str]) -> Declared:
    """Where services read configuration: a table, which tells of its changes on a channel of the same name."""
    table = {"table": CONFIGURATION_TABLE, "notifyChannel": CONFIGURATION_TABLE, "timeout": "10s"}
    metadata = [*postgres_metadata(postgres), *plain(table)]
    return component("configuration", "configuration.postgresql", metadata, apps)


def schedules(spec: WorkloadSpec) -> Iterator[Declared]:
    """A component for each call at fixed times. No name of a service has a dot, so that none is taken twice."""
    for service, dapr in sidecars(spec).items():
        for name, cron in dapr.cron.items():
            metadata = plain({"schedule": cron.schedule, "route": cron.route, "direction": "input"})
            yield component(f"{service}.{name}", "bindings.cron", metadata, [service])


def own_metadata(own: OwnComponent) -> Metadata:
    """The settings of a component that the user runs, with those that are in Secrets."""
    keys = {name: SecretKey(name=(parts := place.split("/"))[0], key=parts[1]) for name, place in own.secrets.items()}
    values = {
        name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in own.metadata.items()
    }
    return [*plain(values), *(secret(name, key) for name, key in keys.items())]


def component(name: str, kind: str, metadata: Metadata, apps: list[str], *, version: str = "v1") -> Declared:
    """A component as Dapr writes it. A sidecar does not start without those that it loads."""
    spec = {"type": kind, "version": version, "initTimeout": START, "metadata": metadata}
    return Declared(kind="Component", name=name, spec=spec, scopes=apps)


def plain(values: Mapping[str, pulumi.Input[str]]) -> Metadata:
    """Settings that are no secret."""
    return [{"name": name, "value": value} for name, value in values.items()]


def secret(name: str, key: SecretKey) -> dict[str, Any]:
    """A setting whose value is in a Secret of the namespace. Dapr's operator reads it for the sidecar."""
    return {"name": name, "secretKeyRef": {"name": key.name, "key": key.key}}


def secrets_of(declared: Iterable[Declared]) -> list[str]:
    """Names of the Secrets that components have settings in."""
    entries = [entry for one in declared for entry in one.spec["metadata"]]
    return sorted({entry["secretKeyRef"]["name"] for entry in entries if "secretKeyRef" in entry})
