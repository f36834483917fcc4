"""Weaviate, a store of vectors, as workload files declare it: with what makes vectors of texts, or without."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final, Literal

import pulumi
from pydantic import Field

from components.data import transformers
from components.data.connections import WeaviateConnection
from components.data.sizes import Sizes
from components.data.transformers import Model as TextModel
from components.data.transformers import Transformers, TransformersArgs
from components.data.weaviate import (
    DATA_PORT,
    GOSSIP_PORT,
    GRPC_PORT,
    HTTP_PORT,
    LABELS,
    METRICS_PORT,
    PODS,
    RAFT_PORTS,
    Weaviate,
    WeaviateArgs,
)
from components.network.connections import Connection, Pods, connect, tcp, udp
from components.platform.connections.situation import scraped
from components.platform.data_operators import DataNeeds
from components.services.data.service import Access, Backup, DataService, Ground
from components.services.pods.room import Room, room_of
from components.services.stack_traits import StackTraits
from stacks.model import Model

NODES: Final = 3
"""Nodes of Weaviate, at most."""


class VectorizerSpec(Model):
    """A service that makes vectors of texts with one model."""

    model: TextModel = "sentence-transformers-multi-qa-MiniLM-L6-cos-v1"
    """The model, by the tag of its image without the version. Vectors of two models cannot be compared: after a change
    all objects are imported anew."""

    threads: int | None = Field(default=None, ge=1, le=64)
    """Threads that compute one vector; by environment, if not given."""

    replicas: int | None = Field(default=None, ge=1, le=20)
    """Pods that answer; one, and two with high availability, if not given."""


class WeaviateSpec(Model):
    """A store of vectors: its workload alone reaches it, by a key. A workload has one at most, since the chart gives
    what it makes the same names always.
    """

    kind: Literal["weaviate"]
    storage_gib: int | None = Field(default=None, ge=1, le=16384)
    """GiB of each node's volume; by environment, if not given. It does not change later but by hand
    (docs/data-services.md)."""

    vectorizer: VectorizerSpec | None = None
    """What makes vectors of texts, as the Service `t2v-transformers`. Without it, services bring vectors along."""


class WeaviateService(DataService[WeaviateSpec, WeaviateConnection]):
    """A store of vectors."""

    VARIABLES = frozenset({"HOST", "PORT", "GRPC_HOST", "GRPC_PORT", "URL", "API_KEY"})
    OBJECTS = (PODS, transformers.NAME)

    @property
    def needs(self) -> DataNeeds:
        return DataNeeds()

    @property
    def backup(self) -> Backup:
        return Backup.VOLUMES

    def room(self, sizes: Sizes) -> Room:
        size, vectorizer = sizes.weaviate, self.spec.vectorizer
        storage = self.spec.storage_gib or size.storage_gib
        nodes = room_of(size.cpu, size.memory, pods=NODES, storage_gib=storage)
        if vectorizer is None:
            return nodes
        memory = f"{transformers.memory_mib(vectorizer.model)}Mi"
        return nodes + room_of(sizes.transformers.cpu, memory, pods=vectorizer.replicas or 2)

    def inside(self, traits: StackTraits) -> Iterator[Connection]:
        ports = (*tcp(GOSSIP_PORT, DATA_PORT, *RAFT_PORTS), *udp(GOSSIP_PORT))
        yield from connect(self._nodes, self._nodes, ports, why="nodes among each other")
        yield from scraped(self._nodes, METRICS_PORT)
        if self.spec.vectorizer is not None:
            pods = Pods(name=f"data.{self.name}-vectorizer", namespace=self.workload, labels=dict(transformers.LABELS))
            yield from connect(self._nodes, pods, tcp(transformers.PORT), why="vectors of texts")

    def reached_by(self, pods: Pods, traits: StackTraits) -> Iterator[Connection]:
        yield from connect(pods, self._nodes, tcp(HTTP_PORT, GRPC_PORT), why=self.name)

    def build(self, ground: Ground, opts: pulumi.ResourceOptions) -> WeaviateConnection:
        operators, name = ground.operators, f"{self.workload}-{self.name}"
        size = operators.sizes.weaviate
        vectorizer = self._vectorizer(self.spec.vectorizer, ground, opts) if self.spec.vectorizer else None
        args = WeaviateArgs(
            release=self.name,
            namespace=self.workload,
            size=replace(size, storage_gib=self.spec.storage_gib or size.storage_gib),
            storage_class=operators.storage_class,
            high_availability=operators.high_availability,
            vectorizer=transformers.address(self.workload) if vectorizer else None,
            exists=ground.namespace,
            service_monitors=operators.service_monitors,
            waits_for=[*operators.nodes, *(vectorizer.ready if vectorizer else ())],
            charts=operators.charts,
        )
        return Weaviate(name, args, opts).connection

    def access(self, connected: WeaviateConnection, user: str) -> Access:
        return Access(
            env={
                "HOST": connected.host,
                "PORT": str(connected.port),
                "GRPC_HOST": connected.grpc_host,
                "GRPC_PORT": str(connected.grpc_port),
                "URL": f"http://{connected.host}:{connected.port}",
            },
            secret_env={"API_KEY": connected.key},
            ready=connected.ready,
        )

    def _vectorizer(self, spec: VectorizerSpec, ground: Ground, opts: pulumi.ResourceOptions) -> Transformers:
        operators = ground.operators
        size = operators.sizes.transformers
        args = TransformersArgs(
            namespace=self.workload,
            model=spec.model,
            threads=spec.threads or size.threads,
            cpu=size.cpu,
            replicas=spec.replicas or (2 if operators.high_availability else 1),
            exists=ground.namespace,
            nodes=operators.nodes,
        )
        return Transformers(f"{self.workload}-{self.name}-vectorizer", args, opts)

    @property
    def _nodes(self) -> Pods:
        return Pods(name=f"data.{self.name}", namespace=self.workload, labels=LABELS)
