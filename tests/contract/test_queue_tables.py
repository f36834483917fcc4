"""Queues of the three clouds against their tables."""

from typing import Any

import pytest
from contract_check.check import check_resource

TOPIC, SUBSCRIPTION = "gcp:pubsub/topic:Topic", "gcp:pubsub/subscription:Subscription"
NAMESPACE, QUEUE = "azure-native:servicebus:Namespace", "azure-native:servicebus:Queue"
ORACLE = "oci:Queue/queue:Queue"

GOOD: dict[str, dict[str, Any]] = {
    TOPIC: {"name": "queue-jobs", "messageStoragePolicy": {"allowedPersistenceRegions": ["europe-west1"]}},
    SUBSCRIPTION: {
        "name": "queue-jobs",
        "topic": "projects/acme/topics/queue-jobs",
        "ackDeadlineSeconds": 60.0,
        "messageRetentionDuration": "604800s",
        "expirationPolicy": {"ttl": ""},
        "retryPolicy": {"minimumBackoff": "10s", "maximumBackoff": "600s"},
        "deadLetterPolicy": {"deadLetterTopic": "projects/acme/topics/dead", "maxDeliveryAttempts": 5.0},
    },
    "gcp:pubsub/topicIAMMember:TopicIAMMember": {
        "topic": "queue-jobs",
        "role": "roles/pubsub.publisher",
        "member": "user:ann@acme.example",
    },
    "gcp:pubsub/subscriptionIAMMember:SubscriptionIAMMember": {
        "subscription": "queue-jobs",
        "role": "roles/pubsub.subscriber",
        "member": "user:ann@acme.example",
    },
    NAMESPACE: {
        "resourceGroupName": "g",
        "namespaceName": "queues-acme",
        "sku": {"name": "Premium", "tier": "Premium", "capacity": 1.0},
        "identity": {"type": "UserAssigned", "userAssignedIdentities": ["id"]},
        "encryption": {"keySource": "Microsoft.KeyVault", "keyVaultProperties": [{"keyName": "data"}]},
        "minimumTlsVersion": "1.2",
        "publicNetworkAccess": "Disabled",
    },
    QUEUE: {
        "resourceGroupName": "g",
        "namespaceName": "queues-acme",
        "queueName": "todo.jobs",
        "lockDuration": "PT1M30S",
        "defaultMessageTimeToLive": "P7D",
        "maxDeliveryCount": 10.0,
    },
    ORACLE: {
        "compartmentId": "ocid1.compartment.oc1..a",
        "displayName": "queue-jobs",
        "retentionInSeconds": 604800.0,
        "visibilityInSeconds": 60.0,
        "deadLetterQueueDeliveryCount": 10.0,
    },
}


@pytest.mark.parametrize("token", GOOD)
def test_what_a_queue_is_made_of_passes(token: str):
    assert check_resource(token, GOOD[token]) == []


@pytest.mark.parametrize(
    ("token", "changes", "path"),
    [
        (TOPIC, {"name": "google-jobs"}, "name"),
        (TOPIC, {"name": "1jobs"}, "name"),
        (TOPIC, {"name": "ab"}, "name"),
        (TOPIC, {"messageRetentionDuration": "7d"}, "messageRetentionDuration"),
        (TOPIC, {"deletionPolicy": "KEEP"}, "deletionPolicy"),
        (
            TOPIC,
            {"messageStoragePolicy": {"allowedPersistenceRegions": []}},
            "messageStoragePolicy.allowedPersistenceRegions",
        ),
        (TOPIC, {"schemaSettings": {"schema": "s", "encoding": "XML"}}, "schemaSettings.encoding"),
        (SUBSCRIPTION, {"name": "goog"}, "name"),
        (SUBSCRIPTION, {"ackDeadlineSeconds": 601.0}, "ackDeadlineSeconds"),
        (SUBSCRIPTION, {"messageRetentionDuration": "604800"}, "messageRetentionDuration"),
        (SUBSCRIPTION, {"expirationPolicy": {"ttl": "31d"}}, "expirationPolicy.ttl"),
        (SUBSCRIPTION, {"retryPolicy": {"minimumBackoff": "601s"}}, "retryPolicy.minimumBackoff"),
        (SUBSCRIPTION, {"retryPolicy": {"maximumBackoff": "10m"}}, "retryPolicy.maximumBackoff"),
        (
            SUBSCRIPTION,
            {"deadLetterPolicy": {"deadLetterTopic": "t", "maxDeliveryAttempts": 101.0}},
            "deadLetterPolicy.maxDeliveryAttempts",
        ),
        (SUBSCRIPTION, {"filter": "a" * 257}, "filter"),
        (SUBSCRIPTION, {"deletionPolicy": "KEEP"}, "deletionPolicy"),
        ("gcp:pubsub/topicIAMMember:TopicIAMMember", {"member": "ann@acme.example"}, "member"),
        ("gcp:pubsub/subscriptionIAMMember:SubscriptionIAMMember", {"member": "ann@acme.example"}, "member"),
        (NAMESPACE, {"namespaceName": "short"}, "namespaceName"),
        (NAMESPACE, {"namespaceName": "queues-"}, "namespaceName"),
        (NAMESPACE, {"namespaceName": "queues-mgmt"}, "namespaceName"),
        (NAMESPACE, {"sku": {"name": "premium"}}, "sku.name"),
        (NAMESPACE, {"sku": {"name": "Premium", "tier": "Large"}}, "sku.tier"),
        (NAMESPACE, {"identity": {"type": "User"}}, "identity.type"),
        (NAMESPACE, {"encryption": {"keySource": "Microsoft.Storage"}}, "encryption.keySource"),
        (
            NAMESPACE,
            {"encryption": {"keyVaultProperties": [{"keyName": name} for name in "abcd"]}},
            "encryption.keyVaultProperties",
        ),
        (NAMESPACE, {"minimumTlsVersion": "TLS1_2"}, "minimumTlsVersion"),
        (NAMESPACE, {"publicNetworkAccess": "Closed"}, "publicNetworkAccess"),
        (NAMESPACE, {"ipAddressType": "IPv6"}, "ipAddressType"),
        (QUEUE, {"queueName": "todo jobs"}, "queueName"),
        (QUEUE, {"lockDuration": "60s"}, "lockDuration"),
        (QUEUE, {"lockDuration": "PT"}, "lockDuration"),
        (QUEUE, {"defaultMessageTimeToLive": "7 days"}, "defaultMessageTimeToLive"),
        (QUEUE, {"autoDeleteOnIdle": "never"}, "autoDeleteOnIdle"),
        (QUEUE, {"duplicateDetectionHistoryTimeWindow": "10"}, "duplicateDetectionHistoryTimeWindow"),
        (QUEUE, {"maxDeliveryCount": 0.0}, "maxDeliveryCount"),
        (QUEUE, {"maxDeliveryCount": 2001.0}, "maxDeliveryCount"),
        (QUEUE, {"status": "Paused"}, "status"),
        (ORACLE, {"retentionInSeconds": 604801.0}, "retentionInSeconds"),
        (ORACLE, {"retentionInSeconds": 9.0}, "retentionInSeconds"),
        (ORACLE, {"visibilityInSeconds": 43201.0}, "visibilityInSeconds"),
        (ORACLE, {"timeoutInSeconds": 31.0}, "timeoutInSeconds"),
        (ORACLE, {"deadLetterQueueDeliveryCount": 21.0}, "deadLetterQueueDeliveryCount"),
        (ORACLE, {"channelConsumptionLimit": 101.0}, "channelConsumptionLimit"),
        (ORACLE, {"purgeType": "ALL"}, "purgeType"),
        (ORACLE, {"capabilities": [{"type": "FIFO"}]}, "capabilities[0].type"),
    ],
)
def test_what_a_cloud_would_refuse_of_a_queue_is_an_error(token: str, changes: dict[str, Any], path: str):
    (found,) = check_resource(token, {**GOOD[token], **changes})

    assert (found.path, found.advisory) == (path, False)


def test_a_long_name_of_oracles_only_warns():
    (found,) = check_resource(ORACLE, {**GOOD[ORACLE], "displayName": "a" * 256})

    assert (found.path, found.advisory) == ("displayName", True)
