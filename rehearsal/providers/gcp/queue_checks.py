"""Topics and subscriptions of Pub/Sub: what Google Cloud refuses about how messages are kept and delivered."""

from typing import Final

from rehearsal.providers import paths
from rehearsal.providers.errors import CloudError
from rehearsal.providers.wire import Properties

TOPIC: Final = "gcp:pubsub/topic:Topic"
SUBSCRIPTION: Final = "gcp:pubsub/subscription:Subscription"

_SHORTEST, _LONGEST = 600, 2678400


def check_topic(inputs: Properties) -> None:
    """Source: SDK docstring of messageRetentionDuration."""
    _check_retention(inputs)


def check_subscription(inputs: Properties) -> None:
    """Source: SDK docstrings of ackDeadlineSeconds, deadLetterPolicy, expirationPolicy and messageRetentionDuration.

    Nought stands for the default where it may be given at all.
    """
    _check_retention(inputs)
    _check_range("ack_deadline_seconds", inputs.get("ackDeadlineSeconds"), 10, 600)
    _check_range("max_delivery_attempts", paths.first(inputs, "deadLetterPolicy.maxDeliveryAttempts"), 5, 100)
    ttl = paths.first(inputs, "expirationPolicy.ttl")
    if ttl and _seconds(ttl) < 86400:
        raise _refused(f"expiration_policy.ttl: {ttl} is shorter than a day")
    if "deadLetterPolicy" in inputs and paths.first(inputs, "deadLetterPolicy.deadLetterTopic") is None:
        raise _refused("a dead letter policy names a dead letter topic")


def _check_retention(inputs: Properties) -> None:
    given = inputs.get("messageRetentionDuration")
    if given is not None and not _SHORTEST <= _seconds(given) <= _LONGEST:
        raise _refused(f"message_retention_duration: {given} is not between {_SHORTEST}s and {_LONGEST}s")


def _check_range(name: str, value: int | None, low: int, high: int) -> None:
    if value and not low <= value <= high:
        raise _refused(f"{name}: {value} is not between {low} and {high}")


def _seconds(duration: str) -> float:
    try:
        return float(duration.removesuffix("s")) if duration.endswith("s") else -1
    except ValueError:
        return -1


def _refused(message: str) -> CloudError:
    return CloudError(f"googleapi: Error 400: {message}, badRequest")
