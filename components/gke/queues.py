"""The queues of a GKE stack that its workloads ask for, in Pub/Sub."""

from collections.abc import Sequence

from components.contracts import Queue, QueueDemand
from components.gke.encryption import GkeKey
from components.gke.identity import GkeWorkloadPool
from components.gke.project import GkeProject
from components.gke.queue import GkeQueue, GkeQueueArgs
from components.naming import compact_name, physical_name


def build_queues(
    demands: Sequence[QueueDemand], project: GkeProject, pool: GkeWorkloadPool
) -> dict[tuple[str, str], Queue]:
    """Registers each queue, and lets its users use it. Stacks without any have no key for them either."""
    if not demands:
        return {}
    key = project.key("queues", "pubsub")
    return {(demand.workload, demand.name): _queue(demand, project, pool, key) for demand in demands}


def _queue(demand: QueueDemand, project: GkeProject, pool: GkeWorkloadPool, key: GkeKey) -> Queue:
    # The digest in it tells the `b` of `a-a` from the `a-b` of `a`.
    own = compact_name(demand.workload, demand.name, owner=project.cluster_name, limit=30)
    args = GkeQueueArgs(
        queue=physical_name("queue", project.cluster_name, own),  # names that begin with `goog` are Google's own
        region=project.region,
        retention_hours=demand.retention_hours,
        acknowledge_seconds=demand.acknowledge_seconds,
        max_deliveries=demand.max_deliveries,
        protect=project.stack.protect,
        pool=pool,
        senders=demand.senders,
        receivers=demand.receivers,
        agent=key.agent,
        encryption_key=key.key_id,
        encryption_grant=key.grant,
        api=project.apis["pubsub"],
    )
    queue = GkeQueue(f"queue-{demand.workload}.{demand.name}", args, project.opts)
    subscriptions = f"projects/{project.project}/subscriptions"
    return Queue(
        variables={
            "QUEUE": args.queue,
            "TOPIC": f"projects/{project.project}/topics/{args.queue}",
            "SUBSCRIPTION": f"{subscriptions}/{args.queue}",
            "DEAD_LETTERS": f"{subscriptions}/{args.dead_letters}",
        },
        grants=queue.grants,
    )
