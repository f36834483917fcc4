"""Queues that workloads ask for, on each cloud: how messages are kept in them, and who sends and receives."""

from collections.abc import Callable, Mapping
from typing import Any

import pulumi
import pytest

from components.aks.foundation import build_foundation as build_aks
from components.aks.roles import SERVICE_BUS_DATA_RECEIVER, SERVICE_BUS_DATA_SENDER
from components.aks.service_bus import duration
from components.contracts import Demands, Foundation, Queue, QueueDemand, ServiceAccount
from tests.mock_engine import Deployed, Registration
from tests.unit.components.clouds import aks_stack, gke_stack, oke_stack
from tests.unit.components.clouds.aks_stack import LOCK, grants
from tests.unit.components.clouds.gke_stack import principal
from tests.unit.components.clouds.oke_stack import COMPARTMENT, pod, statements

BACKEND = ServiceAccount(namespace="todo", name="backend")
WORKER = ServiceAccount(namespace="todo", name="worker")
JOBS = QueueDemand(
    workload="todo",
    name="jobs",
    retention_hours=36,
    acknowledge_seconds=90,
    max_deliveries=5,
    senders=[BACKEND],
    receivers=[WORKER],
)
BOTH = QueueDemand(workload="todo", name="both", senders=[WORKER], receivers=[WORKER])
DEMANDS = Demands(principals=[BACKEND, WORKER], queues=[JOBS, BOTH])

Program = Callable[..., Foundation]


def gke(demands: Demands = DEMANDS, **changes: Any) -> Foundation:
    return gke_stack.build(demands, **changes)


def aks(demands: Demands = DEMANDS, **changes: Any) -> Foundation:
    return build_aks(aks_stack.stack(**changes), demands)


def oke(demands: Demands = DEMANDS, **changes: Any) -> Foundation:
    return oke_stack.build_foundation(oke_stack.stack(**changes), demands)


TOPIC, SUBSCRIPTION = "gcp:pubsub/topic:Topic", "gcp:pubsub/subscription:Subscription"
NAMESPACE, SERVICE_BUS_QUEUE = "azure-native:servicebus:Namespace", "azure-native:servicebus:Queue"
ORACLE_QUEUE = "oci:Queue/queue:Queue"
KEEPS: Mapping[str, tuple[Program, tuple[str, ...]]] = {
    "gke": (gke, (TOPIC, SUBSCRIPTION)),
    "aks": (aks, (NAMESPACE, SERVICE_BUS_QUEUE)),
    "oke": (oke, (ORACLE_QUEUE,)),
}
"""What keeps messages, by cloud."""


@pytest.fixture
def foundation(deploy_once: Callable[..., Deployed]) -> Callable[..., Deployed]:
    return lambda program, **changes: deploy_once(lambda: program(**changes), (program.__name__, "queues", changes))


def keepers(deployed: Deployed, kinds: tuple[str, ...]) -> list[Registration]:
    return [one for kind in kinds for one in deployed.of_type(kind)]


def variables(deploy: Callable[..., Deployed], program: Program) -> dict[str, str]:
    """What the users of the queue are told, as the plain values that they become."""
    found: list[dict[str, str]] = []

    def run() -> None:
        queue: Queue = program().queues["todo", "jobs"]
        pulumi.Output.all(**queue.variables).apply(found.append)

    deploy(run)
    return found[0]


@pytest.mark.parametrize("cloud", KEEPS)
def test_a_stack_without_such_workloads_has_nothing_for_queues(deploy: Callable[..., Deployed], cloud: str):
    program, kinds = KEEPS[cloud]

    deployed = deploy(lambda: program(Demands()))

    assert not keepers(deployed, kinds)
    assert not [one.name for one in deployed.registrations.values() if "queue" in one.name or "pubsub" in one.name]


@pytest.mark.parametrize("protect", [True, False])
@pytest.mark.parametrize("cloud", KEEPS)
def test_queues_are_protected_where_the_stack_says_so(foundation: Callable[..., Deployed], cloud: str, protect: bool):
    program, kinds = KEEPS[cloud]

    kept = keepers(foundation(program, protect=protect), kinds)

    assert {one.protect for one in kept} == {protect}
    assert len(kept) == {"gke": 8, "aks": 3, "oke": 2}[cloud]


@pytest.mark.parametrize("cloud", KEEPS)
def test_each_user_waits_for_its_own_grant(deploy: Callable[..., Deployed], cloud: str):
    built: list[Foundation] = []
    deploy(lambda: built.append(KEEPS[cloud][0]()))

    queues = built[0].queues
    assert {key: set(queue.grants) for key, queue in queues.items()} == {
        ("todo", "jobs"): {BACKEND, WORKER},
        ("todo", "both"): {WORKER},
    }
    jobs = queues["todo", "jobs"].grants
    assert jobs[BACKEND][-1] is not jobs[WORKER][-1]
    # Whoever does both on Azure and Google waits for a grant of each kind; Oracle's policy has both statements.
    assert len(queues["todo", "both"].grants[WORKER]) == {"gke": 6, "aks": 2, "oke": 1}[cloud]


def test_pods_are_told_what_the_clouds_library_wants(deploy: Callable[..., Deployed]):
    told = {cloud: variables(deploy, program) for cloud, (program, _) in KEEPS.items()}

    name = told["gke"]["QUEUE"]
    assert name.startswith("queue-groundwork-dev-todojobs")
    assert told["gke"] == {
        "QUEUE": name,
        "TOPIC": f"projects/acme-platform/topics/{name}",
        "SUBSCRIPTION": f"projects/acme-platform/subscriptions/{name}",
        "DEAD_LETTERS": f"projects/acme-platform/subscriptions/{name}-dead",
    }
    assert told["aks"].pop("ENDPOINT").endswith(".servicebus.windows.net")
    assert told["aks"] == {"QUEUE": "todo.jobs", "DEAD_LETTERS": "todo.jobs/$deadletterqueue"}
    assert told["oke"] == {
        "QUEUE": "queue-todo.jobs-queue-id",
        "ENDPOINT": "https://queue-todo.jobs-queue.queue.example",
    }


def test_the_libraries_of_azure_alone_need_a_port_of_their_own(deploy: Callable[..., Deployed]):
    built: dict[str, Foundation] = {}
    for cloud, (program, _) in KEEPS.items():
        deploy(lambda cloud=cloud, program=program: built.update({cloud: program()}))

    ports = {cloud: [*one.queues["todo", "jobs"].ports] for cloud, one in built.items()}
    assert ports == {"gke": [], "aks": [5671], "oke": []}


def test_queues_of_names_that_join_to_the_same_have_different_names(deploy: Callable[..., Deployed]):
    one, other = QueueDemand(workload="a", name="b-c"), QueueDemand(workload="a-b", name="c")

    for program, kind, key in (
        (gke, TOPIC, "name"),
        (aks, SERVICE_BUS_QUEUE, "queueName"),
        (oke, ORACLE_QUEUE, "displayName"),
    ):
        deployed = deploy(lambda program=program: program(Demands(queues=[one, other])))

        names = [made.inputs[key] for made in deployed.of_type(kind)]
        assert len(set(names)) == len(names) >= 2


def test_google_keeps_what_the_file_says(foundation: Callable[..., Deployed]):
    deployed = foundation(gke)

    live = deployed.named("queue-todo.jobs-live-subscription").inputs
    assert live == {
        "name": live["name"],
        "topic": "queue-todo.jobs-live-topic-id",
        "ackDeadlineSeconds": 90,
        "messageRetentionDuration": "129600s",
        "expirationPolicy": {"ttl": ""},
        "retryPolicy": {"minimumBackoff": "10s", "maximumBackoff": "600s"},
        "deadLetterPolicy": {"deadLetterTopic": "queue-todo.jobs-dead-topic-id", "maxDeliveryAttempts": 5},
    }
    dead = deployed.named("queue-todo.jobs-dead-subscription").inputs
    assert dead["topic"] == "queue-todo.jobs-dead-topic-id"
    assert "deadLetterPolicy" not in dead


def test_google_keeps_messages_in_the_region_of_their_key(foundation: Callable[..., Deployed]):
    deployed = foundation(gke)

    grant = deployed.named("queues-encryption-grant")
    assert grant.inputs["member"] == "serviceAccount:service-1@pubsub.iam.gserviceaccount.com"
    for topic in deployed.of_type(TOPIC):
        assert topic.inputs["kmsKeyName"] == "queues-encryption-key-id"
        assert topic.inputs["messageStoragePolicy"] == {"allowedPersistenceRegions": ["europe-west1"]}
        assert {grant.urn, deployed.named("apis-pubsub").urn} <= {*topic.depends_on}


def test_google_lets_a_sender_send_a_receiver_receive_and_its_own_agent_move_the_dead(
    foundation: Callable[..., Deployed],
):
    deployed = foundation(gke)

    agent = "serviceAccount:service-1@pubsub.iam.gserviceaccount.com"
    name = deployed.named("queue-todo.jobs-live-topic").inputs["name"]
    publisher, subscriber = "roles/pubsub.publisher", "roles/pubsub.subscriber"
    given = [
        *deployed.of_type("gcp:pubsub/topicIAMMember:TopicIAMMember"),
        *deployed.of_type("gcp:pubsub/subscriptionIAMMember:SubscriptionIAMMember"),
    ]
    assert {
        one.name.removeprefix("queue-todo.jobs-"): (
            one.inputs.get("topic") or one.inputs["subscription"],
            one.inputs["role"],
            one.inputs["member"],
        )
        for one in given
        if one.name.startswith("queue-todo.jobs-")
    } == {
        "buries": (f"{name}-dead", publisher, agent),
        "takes-to-bury": (name, subscriber, agent),
        "backend-sends": (name, publisher, principal("todo", "backend")),
        "worker-receives": (name, subscriber, principal("todo", "worker")),
        "worker-receives-dead": (f"{name}-dead", subscriber, principal("todo", "worker")),
    }


def test_azure_keeps_what_the_file_says(foundation: Callable[..., Deployed]):
    queue = foundation(aks).named("queues-todo.jobs").inputs

    assert queue["defaultMessageTimeToLive"] == "P1DT12H"
    assert queue["lockDuration"] == "PT1M30S"
    assert queue["maxDeliveryCount"] == 5
    assert queue["deadLetteringOnMessageExpiration"] is False


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(10, "PT10S"), (60, "PT1M"), (300, "PT5M"), (3600, "PT1H"), (604800, "P7D"), (90061, "P1DT1H1M1S")],
)
def test_durations_are_as_azure_gives_them_back(seconds: int, text: str):
    assert duration(seconds) == text


def test_azure_lets_a_sender_send_a_receiver_receive_and_nobody_else_in(foundation: Callable[..., Deployed]):
    given = grants(foundation(aks))

    backend, worker = (f"principals-todo-{name}-identity-principal" for name in ("backend", "worker"))
    jobs, both = "queues-todo.jobs-id", "queues-todo.both-id"
    assert {name: what for name, what in given.items() if name.startswith("queues-")} == {
        "queues-todo.jobs-backend-sends": (SERVICE_BUS_DATA_SENDER, backend, jobs),
        "queues-todo.jobs-worker-receives": (SERVICE_BUS_DATA_RECEIVER, worker, jobs),
        "queues-todo.both-worker-sends": (SERVICE_BUS_DATA_SENDER, worker, both),
        "queues-todo.both-worker-receives": (SERVICE_BUS_DATA_RECEIVER, worker, both),
    }


def test_azure_knows_identities_and_no_keys(foundation: Callable[..., Deployed]):
    namespace = foundation(aks).only(NAMESPACE)

    assert namespace.inputs["disableLocalAuth"] is True
    assert namespace.inputs["minimumTlsVersion"] == "1.2"


def test_a_small_stack_on_azure_has_a_shared_namespace_without_a_key_of_its_own(foundation: Callable[..., Deployed]):
    namespace = foundation(aks, high_availability=False).only(NAMESPACE).inputs

    assert namespace["sku"] == {"name": "Standard", "tier": "Standard"}
    assert namespace["publicNetworkAccess"] == "Enabled"
    assert not {"identity", "encryption"} & set(namespace)


@pytest.mark.parametrize(
    ("changes", "access"),
    [
        ({"high_availability": True, "cluster": {"zones": ["1", "2"]}}, "Enabled"),
        ({"high_availability": False, "private_endpoints": True}, "Disabled"),
    ],
)
def test_a_large_or_a_closed_stack_on_azure_has_a_namespace_of_its_own_and_its_key(
    foundation: Callable[..., Deployed], changes: dict[str, Any], access: str
):
    deployed = foundation(aks, **changes)

    namespace = deployed.only(NAMESPACE)
    assert namespace.inputs["sku"] == {"name": "Premium", "tier": "Premium", "capacity": 1}
    assert namespace.inputs["publicNetworkAccess"] == access
    assert namespace.inputs["identity"] == {
        "type": "UserAssigned",
        "userAssignedIdentities": ["data-encryption-user-id"],
    }
    (properties,) = namespace.inputs["encryption"]["keyVaultProperties"]
    assert properties["keyName"] == "data"
    assert properties["identity"] == {"userAssignedIdentity": "data-encryption-user-id"}
    assert deployed.named("data-encryption-uses-key").urn in namespace.depends_on


def test_a_namespace_stays_in_its_tier(foundation: Callable[..., Deployed]):
    assert foundation(aks).only(NAMESPACE).ignore_changes == ["sku", "identity", "encryption"]


@pytest.mark.parametrize("protect", [True, False])
def test_azure_locks_a_protected_namespace(foundation: Callable[..., Deployed], protect: bool):
    locks = [one.name for one in foundation(aks, protect=protect).of_type(LOCK)]

    assert ("queues-lock" in locks) is protect


def test_azure_reaches_queues_by_an_endpoint_where_services_are_closed(deploy: Callable[..., Deployed]):
    built: list[Foundation] = []

    deployed = deploy(lambda: built.append(aks(private_endpoints=True)))

    zone = deployed.named("network-namespace-zone").inputs
    assert zone["privateZoneName"] == "privatelink.servicebus.windows.net"
    (connection,) = deployed.named("queues-namespace-endpoint").inputs["privateLinkServiceConnections"]
    assert connection["groupIds"] == ["namespace"]
    grants_of_worker = built[0].queues["todo", "jobs"].grants[WORKER]
    assert [type(one).__name__ for one in grants_of_worker] == ["RoleAssignment", "PrivateDnsZoneGroup"]


def test_oracle_keeps_what_the_file_says(foundation: Callable[..., Deployed]):
    queue = foundation(oke).named("queue-todo.jobs-queue")

    assert queue.inputs["retentionInSeconds"] == 129600
    assert queue.inputs["visibilityInSeconds"] == 90
    assert queue.inputs["deadLetterQueueDeliveryCount"] == 5
    assert queue.inputs["customEncryptionKeyId"] == "encryption-storage-key-id"


def test_oracle_lets_queues_use_the_key_and_nothing_else_first(foundation: Callable[..., Deployed]):
    deployed = foundation(oke)

    grant = deployed.named("queues-key-grant")
    assert statements(grant) == [
        f"Allow any-user to use keys in compartment id {COMPARTMENT} where ALL {{request.principal.type = 'queue', "
        f"request.principal.compartment.id = '{COMPARTMENT}', target.key.id = 'encryption-storage-key-id'}}"
    ]
    assert grant.urn in deployed.named("queue-todo.jobs-queue").depends_on


def test_oracle_lets_a_sender_send_a_receiver_receive_and_nobody_else_in(foundation: Callable[..., Deployed]):
    deployed = foundation(oke)

    place, only = f"compartment id {COMPARTMENT}", "target.queue.id = 'queue-todo.jobs-queue-id'"
    assert statements(deployed.named("queue-todo.jobs-backend")) == [
        f"Allow any-user to use queue-push in {place} {pod('todo', 'backend', only)}"
    ]
    assert statements(deployed.named("queue-todo.jobs-worker")) == [
        f"Allow any-user to use queue-pull in {place} {pod('todo', 'worker', only)}"
    ]
    used = [one.split()[4] for one in statements(deployed.named("queue-todo.both-worker"))]
    assert used == ["queue-push", "queue-pull"]
