"""How data services are reached: all that a consumer needs to know of one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import pulumi


@dataclass(frozen=True, kw_only=True)
class SecretKey:
    """One entry of a Secret, in the namespace of the data service. Values are handed on by this name alone."""

    name: str
    """Name of the Secret."""

    key: str
    """The entry."""


@dataclass(frozen=True, kw_only=True)
class Pods:
    """The pods that answer, as a NetworkPolicy selects them."""

    namespace: str

    labels: Mapping[str, str]
    """Labels that all of them have, and no others in the namespace."""


@dataclass(frozen=True, kw_only=True)
class KafkaConnection:
    """A user of a Kafka cluster. Every connection is encrypted, and the user proves itself by SCRAM."""

    host: str
    """Name that answers with the brokers."""

    port: int

    user: str
    """Name of the user."""

    password: SecretKey
    """Its password."""

    mechanism: Literal["SCRAM-SHA-512"] = "SCRAM-SHA-512"
    """How it proves that it knows the password."""

    ca: SecretKey
    """Authority of the brokers' certificates, in PEM."""

    version: str
    """Release of the brokers, such as `4.3.1`: clients that do not ask for it are told."""

    pods: Pods
    """The brokers."""

    ready: Sequence[pulumi.Resource]
    """What has to be there before a client connects: the cluster, the user and the topics."""

    @property
    def brokers(self) -> str:
        """Where a client begins, as `host:port`."""
        return f"{self.host}:{self.port}"


@dataclass(frozen=True, kw_only=True)
class PostgresConnection:
    """A database, and the role that owns it. The server refuses connections that are not encrypted."""

    host: pulumi.Input[str]
    """Name or address of the primary."""

    port: int

    database: str
    """Name of the database."""

    user: str
    """The role that owns it."""

    password: SecretKey
    """Password of the role."""

    uri: SecretKey
    """Connection string, `postgresql://` with user, password, host, port and database. It says nothing of TLS, since
    the place of `ca` is the client's: its environment does, by `PGSSLMODE` and `PGSSLROOTCERT`, which libpq and pgx
    read. https://www.postgresql.org/docs/current/libpq-envars.html"""

    ssl_mode: Literal["verify-full", "verify-ca"]
    """The strictest `sslmode` that the server passes: its certificate has the name in `host`, or only the authority."""

    ca: SecretKey | None
    """Authority of the server's certificate, in PEM; none where every client trusts it already."""

    pods: Pods | None
    """The instances; none where the cloud runs them, outside the cluster."""

    ready: Sequence[pulumi.Resource]
    """What has to be there before a client connects."""


@dataclass(frozen=True, kw_only=True)
class ValkeyConnection:
    """A store of the Redis protocol. It asks for a password and encrypts nothing, so it serves its namespace alone."""

    host: str
    """Name of the Service."""

    port: int

    user: str
    """Name of the user, for clients that know of more than one."""

    password: SecretKey
    """Its password."""

    pods: Pods
    """The server."""

    ready: Sequence[pulumi.Resource]
    """What has to be there before a client connects."""

    @property
    def address(self) -> str:
        """As `host:port`."""
        return f"{self.host}:{self.port}"


@dataclass(frozen=True, kw_only=True)
class WeaviateConnection:
    """A store of vectors. It asks for a key and encrypts nothing, so it serves its namespace alone."""

    host: str
    """Name of the Service for HTTP."""

    port: int

    grpc_host: str
    """Name of the Service for gRPC, by which clients import and search."""

    grpc_port: int

    key: SecretKey
    """The key that clients show as a bearer token."""

    pods: Pods
    """The nodes."""

    ready: Sequence[pulumi.Resource]
    """What has to be there before a client connects."""


@dataclass(frozen=True, kw_only=True)
class NominatimConnection:
    """A geocoder. It asks for nothing and encrypts nothing, so it serves its namespace alone."""

    host: str
    """Name of the Service."""

    port: int

    pods: Pods
    """The server."""

    ready: Sequence[pulumi.Resource]
    """What has to be there before a client connects. It does not answer before the import is done, hours later."""


@dataclass(frozen=True, kw_only=True)
class MongodbConnection:
    """A database, and the user that writes in it. The servers refuse connections that are not encrypted."""

    host: str
    """Name that answers with the members. A client finds the primary by itself, as it knows the set's name."""

    port: int

    replica_set: str
    """Name of the replica set."""

    database: str
    """Name of the database. The user is known in it, and in no other."""

    user: str
    """Name of the user."""

    password: SecretKey
    """Its password."""

    ca: SecretKey
    """Authority of the members' certificates, in PEM."""

    pods: Pods
    """The members."""

    ready: Sequence[pulumi.Resource]
    """What has to be there before a client connects."""


@dataclass(frozen=True, kw_only=True)
class RabbitmqConnection:
    """Queues, and the user that works with them. The servers take encrypted connections alone. There is one virtual
    host, `/`, which clients take that name none.
    """

    host: str
    """Name of the Service."""

    port: int

    user: str
    """Name of the user."""

    password: SecretKey
    """Its password."""

    ca: SecretKey
    """Authority of the servers' certificate, in PEM."""

    pods: Pods
    """The servers."""

    ready: Sequence[pulumi.Resource]
    """What has to be there before a client connects."""
