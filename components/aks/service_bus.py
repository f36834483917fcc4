"""A Service Bus namespace of an AKS stack, its queues, and who may use them."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_azure_native as azure

from components.aks.data_encryption import AksDataKey
from components.aks.locks import delete_lock
from components.aks.resource_group import Place
from components.aks.roles import SERVICE_BUS_DATA_RECEIVER, SERVICE_BUS_DATA_SENDER, grant

AMQP_PORT = 5671
"""What Azure's libraries speak with a namespace, unless they are told to take HTTPS:
https://learn.microsoft.com/azure/service-bus-messaging/service-bus-amqp-protocol-guide"""


@dataclass(frozen=True, kw_only=True)
class AksQueue:
    """A queue of the namespace."""

    queue: str
    """Name of the queue."""

    retention_hours: int
    """Hours that a message waits for whoever takes it."""

    acknowledge_seconds: int
    """Seconds that a receiver has for a message."""

    max_deliveries: int
    """How often a message is delivered before it is dead."""

    senders: Mapping[str, pulumi.Input[str]]
    """Principal ids of the identities that may send messages, by name."""

    receivers: Mapping[str, pulumi.Input[str]]
    """Principal ids of the identities that may take messages, by name."""


@dataclass(frozen=True, kw_only=True)
class AksServiceBusArgs:
    place: Place
    """Where the namespace lies."""

    namespace: str
    """Name of the namespace. Unique among all namespaces in the world."""

    premium: bool
    """Whether it has machines of its own in several zones, and the stack's key. Settled when it is created."""

    public: bool
    """Whether it answers outside the network too; to identities alone in any case. Only a premium one can be closed."""

    queues: Mapping[str, AksQueue]
    """The queues, by what the names of their resources end in."""

    protect: bool
    """Whether namespace and queues refuse to be destroyed; else they are destroyed with what they hold."""

    key: AksDataKey
    """What messages are encrypted with, in a premium namespace. Others take no key but Microsoft's."""


class AksServiceBus(pulumi.ComponentResource):
    """A namespace that knows identities and no keys, with a grant for each user of a queue."""

    namespace_id: pulumi.Output[str]
    """Id of the namespace."""

    def __init__(self, name: str, args: AksServiceBusArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:AksServiceBus", name, {}, opts)
        namespace = azure.servicebus.Namespace(
            f"{name}-namespace",
            namespace_args(args),
            opts=pulumi.ResourceOptions(
                parent=self,
                protect=args.protect,
                depends_on=list(args.key.ready) if args.premium else [],
                # Azure moves no namespace to another tier by an update, and gives none with queues a key:
                # https://learn.microsoft.com/azure/service-bus-messaging/service-bus-migrate-standard-premium
                ignore_changes=["sku", "identity", "encryption"],
            ),
        )
        if args.protect:
            delete_lock(f"{name}-lock", namespace.id, pulumi.ResourceOptions(parent=self))
        self.grants = {
            called: self._queue(f"{name}-{called}", queue, namespace, args) for called, queue in args.queues.items()
        }

        self.namespace_id = namespace.id
        self.register_outputs({"namespace_id": self.namespace_id})

    def _queue(
        self, name: str, queue: AksQueue, namespace: azure.servicebus.Namespace, args: AksServiceBusArgs
    ) -> dict[str, list[pulumi.Resource]]:
        """The queue, and the grants on it by the names of its users."""
        made = azure.servicebus.Queue(
            name,
            queue_args(args.place, namespace.name, queue),
            opts=pulumi.ResourceOptions(parent=self, protect=args.protect),
        )
        grants: dict[str, list[pulumi.Resource]] = {user: [] for user in (*queue.senders, *queue.receivers)}
        for role, does, users in (
            (SERVICE_BUS_DATA_SENDER, "sends", queue.senders),
            (SERVICE_BUS_DATA_RECEIVER, "receives", queue.receivers),
        ):
            for user, principal in users.items():
                given = grant(
                    f"{name}-{user}-{does}",
                    role,
                    subscription_id=args.place.subscription_id,
                    scope=made.id,
                    principal_id=principal,
                    opts=pulumi.ResourceOptions(parent=self),
                )
                grants[user].append(given)
        return grants


def namespace_args(args: AksServiceBusArgs) -> azure.servicebus.NamespaceArgs:
    """The namespace: no shared keys, and closed to the internet where it can be and shall be."""
    bus = azure.servicebus
    return bus.NamespaceArgs(
        resource_group_name=args.place.resource_group,
        namespace_name=args.namespace,
        location=args.place.location,
        sku=(
            bus.SBSkuArgs(name=bus.SkuName.PREMIUM, tier=bus.SkuTier.PREMIUM, capacity=1)
            if args.premium
            else bus.SBSkuArgs(name=bus.SkuName.STANDARD, tier=bus.SkuTier.STANDARD)
        ),
        disable_local_auth=True,
        minimum_tls_version=bus.TlsVersion.TLS_VERSION_1_2,
        public_network_access=bus.PublicNetworkAccess.ENABLED if args.public else bus.PublicNetworkAccess.DISABLED,
        identity=(
            bus.IdentityArgs(
                type=bus.ManagedServiceIdentityType.USER_ASSIGNED, user_assigned_identities=[args.key.identity_id]
            )
            if args.premium
            else None
        ),
        encryption=_encryption(args.key) if args.premium else None,
        tags=args.place.tags,
    )


def _encryption(key: AksDataKey) -> azure.servicebus.EncryptionArgs:
    bus = azure.servicebus
    return bus.EncryptionArgs(
        key_source=bus.KeySource.MICROSOFT_KEY_VAULT,
        key_vault_properties=[
            bus.KeyVaultPropertiesArgs(
                key_name=key.key_name,
                key_vault_uri=key.vault_uri,
                identity=bus.UserAssignedIdentityPropertiesArgs(user_assigned_identity=key.identity_id),
            )
        ],
    )


def queue_args(place: Place, namespace: pulumi.Input[str], queue: AksQueue) -> azure.servicebus.QueueArgs:
    """A queue. Dead letters stay in its `$deadletterqueue` until they are taken."""
    return azure.servicebus.QueueArgs(
        resource_group_name=place.resource_group,
        namespace_name=namespace,
        queue_name=queue.queue,
        default_message_time_to_live=duration(queue.retention_hours * 3600),
        dead_lettering_on_message_expiration=False,
        lock_duration=duration(queue.acknowledge_seconds),
        max_delivery_count=queue.max_deliveries,
    )


def duration(seconds: int) -> str:
    """A duration in the form of ISO 8601 that Azure gives back, for example `P7D` or `PT1M30S`."""
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    date = f"{days}D" if days else ""
    time = "".join(f"{number}{unit}" for number, unit in ((hours, "H"), (minutes, "M"), (seconds, "S")) if number)
    return f"P{date}T{time}" if time else f"P{date}"
