"""Queues that the clouds refuse, refused in a rehearsal: Pub/Sub, Service Bus, and Oracle's Queue."""

from typing import Any

import pytest

from rehearsal.providers.azure_native.provider import AzureProvider
from rehearsal.providers.inventory import Inventory
from rehearsal.providers.oci.provider import OciProvider
from tests.unit.rehearsal.providers.azure_subscription import (
    CRYPTO_SERVICE_USER,
    ENDPOINT,
    SUBSCRIPTION,
    AzureSubscription,
)
from tests.unit.rehearsal.providers.fake_engine import Engine, Refused, State
from tests.unit.rehearsal.providers.google_project import ENCRYPTER, KEY_MEMBER, SERVICE, GoogleProject
from tests.unit.rehearsal.providers.oracle_tenancy import COMPARTMENT, TENANCY, OracleTenancy

TOPIC, TAKEN = "gcp:pubsub/topic:Topic", "gcp:pubsub/subscription:Subscription"
TOPIC_MEMBER = "gcp:pubsub/topicIAMMember:TopicIAMMember"
PROJECT_MEMBER = "gcp:projects/iAMMember:IAMMember"
TAKEN_MEMBER = "gcp:pubsub/subscriptionIAMMember:SubscriptionIAMMember"
NAMESPACE, QUEUE = "azure-native:servicebus:Namespace", "azure-native:servicebus:Queue"
ORACLE = "oci:Queue/queue:Queue"

SENDER, RECEIVER = "69a216fc-b8fb-44d8-bc22-1f3c2cd27a39", "4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0"
STANDARD, PREMIUM = {"name": "Standard", "tier": "Standard"}, {"name": "Premium", "tier": "Premium", "capacity": 1}


class Google:
    """A project with Pub/Sub switched on."""

    def __init__(self, project: GoogleProject) -> None:
        self.project, self.engine = project, project.engine
        self.engine.create(SERVICE, "pubsub", service="pubsub.googleapis.com")

    def topic(self, name: str = "queue-jobs", **inputs: Any) -> State:
        return self.engine.create(TOPIC, name, name=name, **inputs)

    def subscription(self, **inputs: Any) -> State:
        return self.engine.create(TAKEN, "jobs", **{"name": "queue-jobs", "topic": "queue-jobs", **inputs})


@pytest.fixture
def google(project: GoogleProject) -> Google:
    return Google(project)


@pytest.fixture
def azure(inventory: Inventory) -> AzureSubscription:
    return AzureSubscription(Engine(AzureProvider(inventory), {"subscriptionId": SUBSCRIPTION}))


@pytest.fixture
def oracle(inventory: Inventory) -> OracleTenancy:
    return OracleTenancy(Engine(OciProvider(inventory), {"tenancyOcid": TENANCY, "region": "eu-frankfurt-1"}))


def test_messages_are_published_once_the_api_is_on(project: GoogleProject):
    with pytest.raises(Refused, match="SERVICE_DISABLED"):
        project.engine.create(TOPIC, "jobs", name="jobs")


def test_topics_and_subscriptions_are_known_by_their_paths(google: Google):
    topic = google.topic()

    assert topic.id == "projects/acme-dev/topics/queue-jobs"
    assert google.subscription(topic=topic.id).id == "projects/acme-dev/subscriptions/queue-jobs"


def test_two_topics_of_a_project_have_different_names(google: Google):
    google.topic()

    with pytest.raises(Refused, match="already exists"):
        google.engine.create(TOPIC, "again", name="queue-jobs")


@pytest.mark.parametrize("path", ["topic", "deadLetterPolicy.deadLetterTopic"])
def test_a_subscription_is_of_topics_that_are_there(google: Google, path: str):
    google.topic()
    missing = "projects/acme-dev/topics/none"
    given = {"topic": missing} if path == "topic" else {"deadLetterPolicy": {"deadLetterTopic": missing}}

    with pytest.raises(Refused, match=rf"{path} refers to the Topic '{missing}', which does not exist"):
        google.subscription(**given)


def test_pubsub_may_use_the_key_before_a_topic_has_it(google: Google):
    key = google.project.key("global")  # topics are in no place that their key would have to be in
    agent = google.project.agent("pubsub")

    with pytest.raises(Refused, match="Permission denied on Cloud KMS key"):
        google.topic(kmsKeyName=key.id)

    google.engine.create(KEY_MEMBER, "grant", cryptoKeyId=key.id, role=ENCRYPTER, member=agent["member"])
    assert google.topic(kmsKeyName=key.id)["kmsKeyName"] == key.id


def test_a_topic_is_encrypted_with_a_key_that_is_there(google: Google):
    agent = google.project.agent("pubsub")["member"]
    google.engine.create(PROJECT_MEMBER, "everywhere", project="acme-dev", role=ENCRYPTER, member=agent)

    with pytest.raises(Refused, match="kmsKeyName refers to the CryptoKey"):
        google.topic(kmsKeyName="projects/acme-dev/locations/europe-west4/keyRings/ring/cryptoKeys/none")


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        ({"messageRetentionDuration": "599s"}, "message_retention_duration: 599s"),
        ({"messageRetentionDuration": "2678401s"}, "message_retention_duration: 2678401s"),
        ({"messageRetentionDuration": "a weeks"}, "message_retention_duration: a weeks"),
        ({"messageRetentionDuration": "7d"}, "message_retention_duration: 7d"),
        ({"ackDeadlineSeconds": 9}, "ack_deadline_seconds: 9"),
        ({"ackDeadlineSeconds": 601}, "ack_deadline_seconds: 601"),
        ({"expirationPolicy": {"ttl": "3600s"}}, "ttl: 3600s is shorter than a day"),
        (
            {"deadLetterPolicy": {"deadLetterTopic": "queue-jobs", "maxDeliveryAttempts": 4}},
            "max_delivery_attempts: 4",
        ),
        (
            {"deadLetterPolicy": {"deadLetterTopic": "queue-jobs", "maxDeliveryAttempts": 101}},
            "max_delivery_attempts: 101",
        ),
        ({"deadLetterPolicy": {"maxDeliveryAttempts": 5}}, "names a dead letter topic"),
    ],
)
def test_pubsub_delivers_within_its_limits(google: Google, inputs: dict[str, Any], message: str):
    google.topic()

    with pytest.raises(Refused, match=f"Error 400.*{message}"):
        google.subscription(**inputs)


def test_a_topic_keeps_messages_for_a_month_at_most(google: Google):
    with pytest.raises(Refused, match="message_retention_duration: 2678401s"):
        google.topic(messageRetentionDuration="2678401s")


def test_a_subscription_that_never_expires_passes(google: Google):
    google.topic()
    google.topic("dead")

    made = google.subscription(
        ackDeadlineSeconds=10,
        messageRetentionDuration="604800s",
        expirationPolicy={"ttl": ""},
        deadLetterPolicy={"deadLetterTopic": "dead", "maxDeliveryAttempts": 5},
    )
    assert made["expirationPolicy"] == {"ttl": ""}


def test_a_subscription_stays_with_its_topic_and_keeps_its_deadline_no_longer_than_wanted(google: Google):
    google.topic()
    google.topic("other")
    made = google.subscription(ackDeadlineSeconds=60)

    assert google.engine.diff(made, **{**made.inputs, "topic": "other"}).replaces == ["topic"]
    assert google.engine.diff(made, **{**made.inputs, "ackDeadlineSeconds": 90}).replaces == []


def test_another_key_is_an_update_of_a_topic(google: Google):
    made = google.topic()

    plan = google.engine.diff(made, **made.inputs, kmsKeyName="key")
    assert (plan.changes, plan.replaces) == (True, [])


@pytest.mark.parametrize(
    ("kind", "what", "role"),
    [(TOPIC_MEMBER, "topic", "roles/pubsub.publisher"), (TAKEN_MEMBER, "subscription", "roles/pubsub.subscriber")],
)
def test_grants_are_on_what_is_there_by_roles_that_are_there(google: Google, kind: str, what: str, role: str):
    google.topic()
    google.subscription()
    given = {what: "queue-jobs", "role": role, "member": "user:ann@acme.example"}

    assert google.engine.create(kind, "grant", **given).id.endswith(f"/queue-jobs/{role}/user:ann@acme.example")
    with pytest.raises(Refused, match=f"{what} refers to"):
        google.engine.create(kind, "grant", **{**given, what: "none"})
    with pytest.raises(Refused, match="is not supported for this resource"):
        google.engine.create(kind, "grant", **{**given, "role": "roles/pubsub.sender"})


def test_the_agent_of_pubsub_is_asked_for_before_it_is_granted_anything(google: Google):
    google.topic()
    agent = google.project.agent("pubsub")["member"]
    other = agent.replace("gcp-sa-pubsub", "gcp-sa-secretmanager")

    given = {"topic": "queue-jobs", "role": "roles/pubsub.publisher"}
    assert google.engine.create(TOPIC_MEMBER, "agent", **given, member=agent)["role"] == "roles/pubsub.publisher"
    with pytest.raises(Refused, match="does not exist"):
        google.engine.create(TOPIC_MEMBER, "other", **given, member=other)


class Encrypted:
    """A namespace that is encrypted with a key in a vault."""

    def __init__(self, azure: AzureSubscription) -> None:
        self.azure = azure
        self.user = azure.identity("data")
        self.vault = azure.vault(enablePurgeProtection=True)
        azure.key()
        self.use = azure.grant(self.user, CRYPTO_SERVICE_USER, self.vault.id)

    def inputs(self, **changes: Any) -> dict[str, Any]:
        key = {
            "keyName": "secrets",
            "keyVaultUri": "https://acme.vault.azure.net",
            "identity": {"userAssignedIdentity": self.user.id},
        }
        return {
            "sku": PREMIUM,
            "identity": {"type": "UserAssigned", "userAssignedIdentities": [self.user.id]},
            "encryption": {"keySource": "Microsoft.KeyVault", "keyVaultProperties": [{**key, **changes}]},
        }


def namespace(azure: AzureSubscription, **inputs: Any) -> State:
    return azure.create(NAMESPACE, "queues", **{"namespaceName": "queues-acme", "sku": STANDARD, **inputs})


def queue(azure: AzureSubscription, **inputs: Any) -> State:
    return azure.create(QUEUE, "jobs", **{"namespaceName": "queues-acme", "queueName": "todo.jobs", **inputs})


def test_queues_lie_below_their_namespace(azure: AzureSubscription):
    made = namespace(azure)

    assert queue(azure).id == f"{made.id}/queues/todo.jobs"
    assert made["serviceBusEndpoint"] == "https://queues-acme.servicebus.windows.net:443/"


def test_a_queue_needs_its_namespace(azure: AzureSubscription):
    with pytest.raises(Refused, match="namespaceName refers to the Namespace 'queues-acme'"):
        queue(azure)


def test_queues_go_with_their_namespace(azure: AzureSubscription, inventory: Inventory):
    made = namespace(azure)
    queue(azure)

    azure.engine.delete(made)
    assert inventory.list(type=QUEUE) == []


def test_names_of_namespaces_are_those_of_all_azure(azure: AzureSubscription):
    namespace(azure)

    with pytest.raises(Refused, match="already exists"):
        namespace(azure)


def test_a_premium_namespace_is_encrypted_with_a_key_that_its_identity_may_use(azure: AzureSubscription):
    encrypted = Encrypted(azure)

    described = namespace(azure, **encrypted.inputs())["identity"]["userAssignedIdentities"]
    assert described[encrypted.user.id]["principalId"] == encrypted.user["principalId"]


def test_the_grant_on_the_key_comes_before_the_namespace(azure: AzureSubscription):
    encrypted = Encrypted(azure)
    azure.engine.delete(encrypted.use)

    with pytest.raises(Refused, match="KeyVaultAuthenticationFailure"):
        namespace(azure, **encrypted.inputs())


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"keyName": "none"}, "keys/none does not exist"),
        ({"keyName": None}, "a key has keyVaultUri and keyName"),
        ({"identity": {}}, "is none of"),
    ],
)
def test_a_namespace_needs_a_key_and_an_identity_that_are_there(
    azure: AzureSubscription, changes: dict[str, Any], message: str
):
    given = Encrypted(azure).inputs(**changes)

    with pytest.raises(Refused, match=message):
        namespace(azure, **given)


def test_an_identity_that_is_not_there_is_none_of_a_namespace(azure: AzureSubscription):
    with pytest.raises(Refused, match="refers to the UserAssignedIdentity '/none'"):
        namespace(azure, identity={"type": "UserAssigned", "userAssignedIdentities": ["/none"]})


def test_a_standard_namespace_has_no_key_and_no_closed_door(azure: AzureSubscription):
    given = Encrypted(azure).inputs()

    with pytest.raises(Refused, match="encryption needs the Premium sku"):
        namespace(azure, **{**given, "sku": STANDARD})
    with pytest.raises(Refused, match="publicNetworkAccess needs the Premium sku"):
        namespace(azure, publicNetworkAccess="Disabled")
    assert namespace(azure, sku=PREMIUM, publicNetworkAccess="Disabled")["publicNetworkAccess"] == "Disabled"


@pytest.mark.parametrize(
    ("units", "partitions", "taken"), [(3, None, False), (1, 2, False), (4, 2, True), (16, 1, True)]
)
def test_a_premium_namespace_has_as_many_units_as_there_can_be(
    azure: AzureSubscription, units: int, partitions: int | None, taken: bool
):
    given = {"sku": {**PREMIUM, "capacity": units}}
    given |= {} if partitions is None else {"premiumMessagingPartitions": partitions}
    if taken:
        assert namespace(azure, **given)["sku"]["capacity"] == units
        return
    with pytest.raises(Refused, match="messaging units"):
        namespace(azure, **given)


def test_a_namespace_stays_in_its_tier(azure: AzureSubscription):
    made = namespace(azure)

    with pytest.raises(Refused, match="goes to another tier by a migration"):
        azure.engine.update(made, **{**made.inputs, "sku": PREMIUM})


def test_a_namespace_with_queues_gets_no_key(azure: AzureSubscription):
    made = namespace(azure, sku=PREMIUM)
    encryption = Encrypted(azure).inputs()

    assert azure.engine.update(made, **{**made.inputs, **encryption}).inputs["encryption"]
    azure.engine.delete(made)
    made = namespace(azure, sku=PREMIUM)
    queue(azure)
    with pytest.raises(Refused, match="is settled before it has queues"):
        azure.engine.update(made, **{**made.inputs, **encryption})


def test_a_namespace_stays_where_it_is(azure: AzureSubscription):
    made = namespace(azure, location="westeurope")

    assert azure.engine.diff(made, **{**made.inputs, "location": "northeurope"}).replaces == ["location"]
    with pytest.raises(Refused, match="premiumMessagingPartitions cannot be changed"):
        azure.engine.update(made, **made.inputs, premiumMessagingPartitions=2)


@pytest.mark.parametrize(
    "inputs",
    [
        {"lockDuration": "PT5M1S"},
        {"lockDuration": "PT0S"},
        {"lockDuration": "P1D"},
        {"lockDuration": "300"},
        {"defaultMessageTimeToLive": "PT0S"},
        {"defaultMessageTimeToLive": "a week"},
    ],
)
def test_a_lock_lasts_five_minutes_and_a_message_a_second(azure: AzureSubscription, inputs: dict[str, str]):
    namespace(azure)

    with pytest.raises(Refused, match=next(iter(inputs))):
        queue(azure, **inputs)


@pytest.mark.parametrize(("lock", "kept"), [("PT5M", "P7D"), ("PT1M30S", "P1DT12H"), ("PT10S", "PT1H")])
def test_a_lock_and_a_life_within_their_limits_pass(azure: AzureSubscription, lock: str, kept: str):
    namespace(azure)

    assert queue(azure, lockDuration=lock, defaultMessageTimeToLive=kept)["lockDuration"] == lock


@pytest.mark.parametrize("setting", ["requiresSession", "requiresDuplicateDetection", "enablePartitioning"])
def test_what_a_queue_is_like_is_settled_when_it_is_made(azure: AzureSubscription, setting: str):
    namespace(azure)
    made = queue(azure)

    with pytest.raises(Refused, match=f"{setting} cannot be changed after creation"):
        azure.engine.update(made, **made.inputs, **{setting: True})


@pytest.mark.parametrize("role", [SENDER, RECEIVER])
def test_roles_on_a_queue_are_granted_on_one_that_is_there(azure: AzureSubscription, role: str):
    made = namespace(azure)
    user = azure.identity("worker")

    with pytest.raises(Refused, match="ResourceNotFound"):
        azure.grant(user, role, f"{made.id}/queues/todo.jobs")
    assert azure.grant(user, role, queue(azure).id)["principalType"] == "ServicePrincipal"


def test_a_premium_namespace_alone_is_reached_by_an_endpoint(azure: AzureSubscription):
    azure.network()
    subnet = azure.subnet("endpoints", "10.0.0.0/24")

    def endpoint(target: State, name: str, group: str = "namespace") -> State:
        link = {"name": "bus", "privateLinkServiceId": target.id, "groupIds": [group]}
        given = {"privateEndpointName": name, "subnet": {"id": subnet.id}}
        return azure.create(ENDPOINT, name, **given, privateLinkServiceConnections=[link])

    with pytest.raises(Refused, match="a Service Bus namespace need the Premium sku"):
        endpoint(namespace(azure), "small")
    large = namespace(azure, namespaceName="queues-large", sku=PREMIUM)
    with pytest.raises(Refused, match="queue is no group of"):
        endpoint(large, "wrong", "queue")
    assert endpoint(large, "large")["provisioningState"] == "Succeeded"


def oracle_queue(oracle: OracleTenancy, **inputs: Any) -> State:
    return oracle.create(ORACLE, "jobs", **{"compartmentId": COMPARTMENT, "displayName": "jobs", **inputs})


def test_oracle_says_where_messages_are_put(oracle: OracleTenancy):
    made = oracle_queue(oracle)

    assert made.id.startswith("ocid1.queue.oc1.eu-frankfurt-1.")
    assert made["messagesEndpoint"] == "https://cell-1.queue.messaging.eu-frankfurt-1.oci.oraclecloud.com"


def test_oracles_queues_share_what_they_are_called(oracle: OracleTenancy):
    assert oracle_queue(oracle).id != oracle_queue(oracle).id


@pytest.mark.parametrize(
    ("inputs", "kind"),
    [({"customEncryptionKeyId": "ocid1.key.oc1..none"}, "Key"), ({"compartmentId": "none"}, "Compartment")],
)
def test_a_queue_of_oracles_has_a_key_and_a_place_that_are_there(
    oracle: OracleTenancy, inputs: dict[str, str], kind: str
):
    with pytest.raises(Refused, match=f"refers to the {kind} "):
        oracle_queue(oracle, **inputs)


def test_how_long_oracle_keeps_messages_is_settled_when_the_queue_is_made(oracle: OracleTenancy):
    made = oracle_queue(oracle, retentionInSeconds=3600, visibilityInSeconds=30)

    assert oracle.engine.diff(made, **{**made.inputs, "retentionInSeconds": 7200}).replaces == ["retentionInSeconds"]
    assert oracle.engine.diff(made, **{**made.inputs, "visibilityInSeconds": 60}).replaces == []
    assert oracle.engine.diff(made, **{**made.inputs, "customEncryptionKeyId": oracle.key().id}).replaces == []
