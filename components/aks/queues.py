"""The queues of an AKS stack that its workloads ask for: all in one Service Bus namespace, which is what costs."""

from collections.abc import Mapping, Sequence

from components.aks.data_encryption import AksDataKey
from components.aks.identity import AksWorkloadIdentity
from components.aks.service_bus import AMQP_PORT, AksQueue, AksServiceBus, AksServiceBusArgs
from components.aks.subscription import AksSubscription
from components.contracts import Queue, QueueDemand, ServiceAccount


def build_queues(
    demands: Sequence[QueueDemand],
    subscription: AksSubscription,
    identities: Mapping[ServiceAccount, AksWorkloadIdentity],
    key: AksDataKey,
) -> dict[tuple[str, str], Queue]:
    """Registers the namespace and each queue, and lets its users use it. Stacks without any have no namespace."""
    if not demands:
        return {}
    namespace = subscription.global_name("queues", limit=50)
    # A standard namespace can neither be closed to the internet nor encrypted with a key of one's own:
    # https://learn.microsoft.com/azure/service-bus-messaging/service-bus-premium-messaging
    args = AksServiceBusArgs(
        place=subscription.place,
        namespace=namespace,
        premium=subscription.stack.high_availability or subscription.private,
        public=not subscription.private,
        queues={_name(demand): _queue(demand, identities) for demand in demands},
        protect=subscription.stack.protect,
        key=key,
    )
    bus = AksServiceBus("queues", args, subscription.opts)
    reached = subscription.endpoint("queues", "namespace", bus.namespace_id)
    return {
        (demand.workload, demand.name): Queue(
            variables={
                "QUEUE": _name(demand),
                "ENDPOINT": f"{namespace}.servicebus.windows.net",
                "DEAD_LETTERS": f"{_name(demand)}/$deadletterqueue",
            },
            grants={
                user: [*bus.grants[_name(demand)][user.name], *reached] for user in (*demand.senders, *demand.receivers)
            },
            ports=[AMQP_PORT],
        )
        for demand in demands
    }


def _name(demand: QueueDemand) -> str:
    """The queue's name. Neither part has a dot."""
    return f"{demand.workload}.{demand.name}"


def _queue(demand: QueueDemand, identities: Mapping[ServiceAccount, AksWorkloadIdentity]) -> AksQueue:
    return AksQueue(
        queue=_name(demand),
        retention_hours=demand.retention_hours,
        acknowledge_seconds=demand.acknowledge_seconds,
        max_deliveries=demand.max_deliveries,
        senders={user.name: identities[user].principal_id for user in demand.senders},
        receivers={user.name: identities[user].principal_id for user in demand.receivers},
    )
