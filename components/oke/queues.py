"""The queues of an OKE stack that its workloads ask for, in Oracle's Queue service."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_oci as oci

from components.contracts import Queue, QueueDemand, ServiceAccount
from components.naming import compact_name, physical_name
from components.oke.encryption import OkeEncryption
from components.oke.identity import location, workload
from components.oke.tenancy import OkeTenancy

SENDS = "queue-push"
"""Puts messages into a queue: https://docs.oracle.com/en-us/iaas/Content/queue/policy-reference.htm"""

RECEIVES = "queue-pull"
"""Takes messages out of a queue, dead ones included."""


@dataclass(frozen=True, kw_only=True)
class OkeQueueKeyArgs:
    compartment: str
    """OCID of the compartment of the queues."""

    cluster_name: str
    """Name of the cluster, which the policy is named after."""

    key: pulumi.Input[str]
    """OCID of the key."""

    home: pulumi.ProviderResource
    """Provider of the tenancy's home region."""


class OkeQueueKey(pulumi.ComponentResource):
    """The policy that lets queues of the compartment, as the resources that they are, use one key."""

    key_id: pulumi.Output[str]
    """OCID of the key."""

    def __init__(self, name: str, args: OkeQueueKeyArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:OkeQueueKey", name, {}, opts)
        self.key_id = pulumi.Output.from_input(args.key)
        self.grant = oci.identity.Policy(
            f"{name}-key-grant",
            compartment_id=args.compartment,
            name=physical_name(args.cluster_name, "queues-key", limit=100),
            description=f"Queues of {args.cluster_name} encrypt messages",
            statements=[self.key_id.apply(lambda key: key_statement(args.compartment, key))],
            opts=pulumi.ResourceOptions(parent=self, provider=args.home),
        )
        self.register_outputs({"key_id": self.key_id})


def key_statement(compartment: str, key: str) -> str:
    """Lets queues use one key, and no other of the compartment."""
    conditions = [
        "request.principal.type = 'queue'",
        f"request.principal.compartment.id = '{compartment}'",
        f"target.key.id = '{key}'",
    ]
    return f"Allow any-user to use keys in {location(compartment)} where ALL {{{', '.join(conditions)}}}"


@dataclass(frozen=True, kw_only=True)
class OkeQueueArgs:
    compartment: str
    """OCID of the compartment of the queue."""

    queue: str
    """What the queue is called, and how the names of its policies begin."""

    retention_hours: int
    """Hours that a message waits for whoever takes it. Changing it replaces the queue."""

    acknowledge_seconds: int
    """Seconds that a receiver has for a message."""

    max_deliveries: int
    """How often a message is delivered before it is dead."""

    encryption_key: pulumi.Input[str]
    """OCID of the key that messages are encrypted with."""

    encryption_grant: pulumi.Resource
    """The policy that lets queues use the key."""

    cluster: pulumi.Input[str]
    """OCID of the cluster."""

    senders: Sequence[ServiceAccount]
    """Who may send messages."""

    receivers: Sequence[ServiceAccount]
    """Who may take messages, dead ones included."""

    protect: bool
    """Whether the queue refuses to be destroyed; else it is destroyed with what it holds."""

    tags: Mapping[str, str]
    """Tags of the queue."""

    home: pulumi.ProviderResource
    """Provider of the tenancy's home region."""


class OkeQueue(pulumi.ComponentResource):
    """A queue, and a policy for each service account whose pods use it as themselves, without a key."""

    queue_id: pulumi.Output[str]
    """OCID of the queue, by which it is spoken to."""

    endpoint: pulumi.Output[str]
    """Where messages are put and taken."""

    def __init__(self, name: str, args: OkeQueueArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:OkeQueue", name, {}, opts)
        queue = oci.queue.Queue(
            f"{name}-queue",
            queue_args(args),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[args.encryption_grant], protect=args.protect),
        )
        self.policies = {
            account: oci.identity.Policy(
                f"{name}-{account.name}",
                compartment_id=args.compartment,
                name=physical_name(args.queue, account.name, limit=100),
                description=f"{account.namespace}/{account.name} uses {args.queue}",
                statements=statements(args, account, queue.id),
                opts=pulumi.ResourceOptions(parent=self, provider=args.home),
            )
            for account in dict.fromkeys([*args.senders, *args.receivers])
        }

        self.queue_id = queue.id
        self.endpoint = queue.messages_endpoint
        self.register_outputs({"queue_id": self.queue_id, "endpoint": self.endpoint})


def queue_args(args: OkeQueueArgs) -> oci.queue.QueueArgs:
    """The queue. What is dead stays in a queue of its own below it, as long as messages do."""
    return oci.queue.QueueArgs(
        compartment_id=args.compartment,
        display_name=args.queue,
        retention_in_seconds=args.retention_hours * 3600,
        visibility_in_seconds=args.acknowledge_seconds,
        dead_letter_queue_delivery_count=args.max_deliveries,
        custom_encryption_key_id=args.encryption_key,
        freeform_tags=args.tags,
    )


def statements(args: OkeQueueArgs, account: ServiceAccount, queue: pulumi.Input[str]) -> list[pulumi.Output[str]]:
    """What the policy says of the pods of one service account: which of the two they may do with this queue."""
    uses = [
        *([SENDS] if account in args.senders else []),
        *([RECEIVES] if account in args.receivers else []),
    ]
    return [
        pulumi.Output.all(args.cluster, queue).apply(
            lambda parts, use=use: use_statement(use, args.compartment, parts[0], account, parts[1])
        )
        for use in uses
    ]


def use_statement(use: str, compartment: str, cluster: str, account: ServiceAccount, queue: str) -> str:
    """Lets the pods of a service account do one thing with one queue."""
    only = workload(cluster, account, f"target.queue.id = '{queue}'")
    return f"Allow any-user to use {use} in {location(compartment)} where {only}"


def build_queues(
    demands: Sequence[QueueDemand], tenancy: OkeTenancy, cluster: pulumi.Input[str], encryption: OkeEncryption
) -> dict[tuple[str, str], Queue]:
    """Registers each queue, and lets its users use it."""
    if not demands:
        return {}
    key_args = OkeQueueKeyArgs(
        compartment=tenancy.compartment,
        cluster_name=tenancy.cluster_name,
        key=encryption.storage_key_id,
        home=tenancy.home,
    )
    key = OkeQueueKey("queues", key_args, tenancy.opts)
    return {(demand.workload, demand.name): _queue(demand, tenancy, cluster, key) for demand in demands}


def _queue(demand: QueueDemand, tenancy: OkeTenancy, cluster: pulumi.Input[str], key: OkeQueueKey) -> Queue:
    # The digest in it tells the `b` of `a-a` from the `a-b` of `a`.
    own = compact_name(demand.workload, demand.name, owner=tenancy.cluster_name, limit=30)
    args = OkeQueueArgs(
        compartment=tenancy.compartment,
        queue=physical_name(tenancy.cluster_name, "queue", own),
        retention_hours=demand.retention_hours,
        acknowledge_seconds=demand.acknowledge_seconds,
        max_deliveries=demand.max_deliveries,
        encryption_key=key.key_id,
        encryption_grant=key.grant,
        cluster=cluster,
        senders=demand.senders,
        receivers=demand.receivers,
        protect=tenancy.stack.protect,
        tags=tenancy.tags,
        home=tenancy.home,
    )
    queue = OkeQueue(f"queue-{demand.workload}.{demand.name}", args, tenancy.opts)
    return Queue(
        variables={"QUEUE": queue.queue_id, "ENDPOINT": queue.endpoint},
        grants={account: [policy] for account, policy in queue.policies.items()},
    )
