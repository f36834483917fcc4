"""A queue of a GKE stack, in Pub/Sub: a topic, the one subscription that keeps its messages, and where dead ones go."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_gcp as gcp

from components.contracts import ServiceAccount
from components.gke.identity import GkeWorkloadPool

PUBLISHER = "roles/pubsub.publisher"
"""Sends messages to a topic."""

SUBSCRIBER = "roles/pubsub.subscriber"
"""Takes messages of a subscription, and acknowledges them."""

BACKOFF = gcp.pubsub.SubscriptionRetryPolicyArgs(minimum_backoff="10s", maximum_backoff="600s")
"""A message that nobody could use comes back later and later: its deliveries are counted, and soon used up."""


@dataclass(frozen=True, kw_only=True)
class GkeQueueArgs:
    queue: str
    """Name of the topic and of its subscription."""

    region: str
    """Region that messages are stored in: that of the key."""

    retention_hours: int
    """Hours that a message waits for whoever takes it."""

    acknowledge_seconds: int
    """Seconds that a receiver has for a message."""

    max_deliveries: int
    """How often a message is delivered before it is dead."""

    protect: bool
    """Whether the queue refuses to be destroyed; else it is destroyed with what it holds."""

    pool: GkeWorkloadPool
    """Where senders and receivers are principals."""

    senders: Sequence[ServiceAccount]
    """Who may send messages."""

    receivers: Sequence[ServiceAccount]
    """Who may take messages, dead ones included."""

    agent: pulumi.Input[str]
    """The account that Pub/Sub acts as, as a member of grants: it moves the dead messages."""

    encryption_key: pulumi.Input[str]
    """Id of the key that messages are encrypted with."""

    encryption_grant: pulumi.Resource
    """The grant that lets Pub/Sub use the key: creating a topic fails without it."""

    api: pulumi.Resource
    """The Pub/Sub API, switched on."""

    @property
    def dead_letters(self) -> str:
        """Name of the topic of dead messages, and of its subscription."""
        return f"{self.queue}-dead"


class GkeQueue(pulumi.ComponentResource):
    """A queue with a grant for each of its users, and no other."""

    topic: pulumi.Output[str]
    """Id of the topic."""

    subscription: pulumi.Output[str]
    """Id of the subscription."""

    dead_letters: pulumi.Output[str]
    """Id of the subscription of dead messages."""

    def __init__(self, name: str, args: GkeQueueArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:GkeQueue", name, {}, opts)
        self._name, self._args = name, args
        dead_topic, dead = self._kept("dead", args.dead_letters)
        topic, subscription = self._kept("live", args.queue, dead_letter_policy(args, dead_topic.id))
        moved = [
            self._sends("buries", dead_topic, args.agent),
            self._takes("takes-to-bury", subscription, args.agent),
        ]
        # A message that is sent before the subscription is there is lost: senders wait for it too.
        users = dict.fromkeys([*args.senders, *args.receivers])
        self.grants: dict[ServiceAccount, list[pulumi.Resource]] = {user: [subscription] for user in users}
        for user in args.senders:
            self.grants[user].append(self._sends(f"{user.name}-sends", topic, args.pool.member(user)))
        for user in args.receivers:
            member = args.pool.member(user)
            received = self._takes(f"{user.name}-receives", subscription, member)
            dead_received = self._takes(f"{user.name}-receives-dead", dead, member)
            self.grants[user] += [received, dead_received, *moved]

        self.topic = topic.id
        self.subscription = subscription.id
        self.dead_letters = dead.id
        self.register_outputs(
            {"topic": self.topic, "subscription": self.subscription, "dead_letters": self.dead_letters}
        )

    def _kept(
        self, part: str, queue: str, dead_letters: gcp.pubsub.SubscriptionDeadLetterPolicyArgs | None = None
    ) -> tuple[gcp.pubsub.Topic, gcp.pubsub.Subscription]:
        """A topic, and what keeps its messages: what no subscription has asked for yet is lost."""
        args = self._args
        topic = gcp.pubsub.Topic(
            f"{self._name}-{part}-topic",
            topic_args(args, queue),
            opts=pulumi.ResourceOptions(
                parent=self, depends_on=[args.api, args.encryption_grant], protect=args.protect
            ),
        )
        subscription = gcp.pubsub.Subscription(
            f"{self._name}-{part}-subscription",
            subscription_args(args, queue, topic.id, dead_letters),
            opts=pulumi.ResourceOptions(parent=self, protect=args.protect),
        )
        return topic, subscription

    def _sends(self, grant: str, topic: gcp.pubsub.Topic, member: pulumi.Input[str]) -> pulumi.Resource:
        return gcp.pubsub.TopicIAMMember(
            f"{self._name}-{grant}", topic=topic.name, role=PUBLISHER, member=member, opts=self._granted()
        )

    def _takes(self, grant: str, subscription: gcp.pubsub.Subscription, member: pulumi.Input[str]) -> pulumi.Resource:
        return gcp.pubsub.SubscriptionIAMMember(
            f"{self._name}-{grant}",
            subscription=subscription.name,
            role=SUBSCRIBER,
            member=member,
            opts=self._granted(),
        )

    def _granted(self) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(parent=self, depends_on=[self._args.pool.cluster])


def topic_args(args: GkeQueueArgs, topic: str) -> gcp.pubsub.TopicArgs:
    """A topic, whose messages stay in the region."""
    return gcp.pubsub.TopicArgs(
        name=topic,
        kms_key_name=args.encryption_key,
        message_storage_policy=gcp.pubsub.TopicMessageStoragePolicyArgs(allowed_persistence_regions=[args.region]),
    )


def subscription_args(
    args: GkeQueueArgs,
    subscription: str,
    topic: pulumi.Input[str],
    dead_letters: gcp.pubsub.SubscriptionDeadLetterPolicyArgs | None,
) -> gcp.pubsub.SubscriptionArgs:
    """A subscription that is there until it is deleted, however long nobody takes a message."""
    return gcp.pubsub.SubscriptionArgs(
        name=subscription,
        topic=topic,
        ack_deadline_seconds=args.acknowledge_seconds,
        message_retention_duration=f"{args.retention_hours * 3600}s",
        expiration_policy=gcp.pubsub.SubscriptionExpirationPolicyArgs(ttl=""),
        retry_policy=BACKOFF,
        dead_letter_policy=dead_letters,
    )


def dead_letter_policy(args: GkeQueueArgs, topic: pulumi.Input[str]) -> gcp.pubsub.SubscriptionDeadLetterPolicyArgs:
    """When a message is dead, and where it goes. Pub/Sub moves it, for which it needs grants like everybody else:
    https://cloud.google.com/pubsub/docs/handling-failures#grant_forwarding_permissions
    """
    return gcp.pubsub.SubscriptionDeadLetterPolicyArgs(
        dead_letter_topic=topic, max_delivery_attempts=args.max_deliveries
    )
