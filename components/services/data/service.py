"""What every kind of data service tells of itself, and how it is made."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import ClassVar, Generic, TypeVar

import pulumi

from components.contracts import Bucket, Queue
from components.data.connections import SecretKey
from components.data.sizes import Sizes
from components.network.connections import Connection, Pods
from components.platform.data_operators import DataNeeds, DataOperators
from components.services.pods.room import Room
from components.services.stack_traits import StackTraits
from stacks.model import Model

Spec = TypeVar("Spec", bound=Model | None)
Connected = TypeVar("Connected")


class Backup(Enum):
    """What keeps a copy of the data elsewhere."""

    DATABASE = "its own operator, in the store of database backups"
    VOLUMES = "Velero, with the volumes of its pods"
    OLD_VERSIONS = "itself, by the old versions of its objects"
    NONE = "nothing: it can be made again"


@dataclass(frozen=True, kw_only=True)
class Ground:
    """What data services of a workload are made on."""

    operators: DataOperators
    """What makes data services of declarations, and how large."""

    namespace: pulumi.Resource
    """The workload's namespace."""

    buckets: Mapping[tuple[str, str], Bucket] = field(default_factory=dict[tuple[str, str], Bucket])
    """The buckets that the cloud has made for workloads, by workload and name."""

    queues: Mapping[tuple[str, str], Queue] = field(default_factory=dict[tuple[str, str], Queue])
    """The queues that the cloud has made for workloads, by workload and name."""


@dataclass(frozen=True, kw_only=True)
class Access:
    """What the pods of a service get to use a data service. Variables are written without the prefix."""

    env: Mapping[str, pulumi.Input[str]] = field(default_factory=dict[str, pulumi.Input[str]])
    """Variables that are no secret. `$(DATABASE_PASSWORD)` in a value is the value of that variable, by the kubelet:
    https://kubernetes.io/docs/tasks/inject-data-application/define-interdependent-environment-variables/"""

    secret_env: Mapping[str, SecretKey] = field(default_factory=dict[str, SecretKey])
    """Variables whose values are in Secrets of the workload's namespace."""

    ca: SecretKey | None = None
    """Authority of the server's certificate. It is mounted, and the variable `CA` says where."""

    ready: Sequence[pulumi.Resource] = ()
    """What has to be there before the pods start."""


class DataService(ABC, Generic[Spec, Connected]):
    """One data service of one workload. What it is asked before `build` follows from the file alone."""

    VARIABLES: ClassVar[frozenset[str]]
    """Variables that services which use it get, without the prefix."""

    OBJECTS: ClassVar[tuple[str, ...]] = ()
    """How the names of objects begin that it makes whatever the file calls it."""

    def __init__(self, *, workload: str, name: str, spec: Spec, users: Sequence[str] = ()) -> None:
        self.workload = workload
        """Name of the workload; its namespace has the same name."""

        self.name = name
        """What the file calls it, and how the names of its objects begin."""

        self.spec = spec
        """What the file says of it."""

        self.users = users
        """The services that use it."""

    @property
    @abstractmethod
    def needs(self) -> DataNeeds:
        """The operators that make it."""

    @property
    @abstractmethod
    def backup(self) -> Backup:
        """What keeps a copy of it."""

    def backup_accounts(self, *, managed_postgres: bool) -> Sequence[str]:
        """Names of the service accounts that write backups by the identity of their pods. `managed_postgres` says
        whether the cloud runs PostgreSQL, and backs it up.
        """
        return ()

    @abstractmethod
    def room(self, sizes: Sizes) -> Room:
        """What its pods ask for, as many as there ever are."""

    @abstractmethod
    def inside(self, traits: StackTraits) -> Iterator[Connection]:
        """Connections of its own: among its parts, with its operator, with who scrapes it."""

    @abstractmethod
    def reached_by(self, pods: Pods, traits: StackTraits) -> Iterator[Connection]:
        """Connections of pods that use it."""

    @abstractmethod
    def build(self, ground: Ground, opts: pulumi.ResourceOptions) -> Connected:
        """Registers it."""

    @abstractmethod
    def access(self, connected: Connected, user: str) -> Access:
        """What a service that uses it gets."""

    def variable(self, suffix: str) -> str:
        """A variable by its full name: `CACHE_HOST` of `HOST`."""
        return variable(self.name, suffix)


def variable(name: str, suffix: str) -> str:
    """A variable of the data service of this name."""
    return f"{name.upper().replace('-', '_')}_{suffix}"


def ca_path(name: str) -> str:
    """Folder of the authority of the data service of this name; the file in it is `ca.crt`."""
    return f"/etc/data/{name}"
