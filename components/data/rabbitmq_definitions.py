"""What a RabbitMQ cluster has from its first start: users, their permissions, and queues.

The servers read it each time they start: what is there already stays as it is. https://www.rabbitmq.com/docs/definitions
"""

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

VIRTUAL_HOST: Final = "/"

ADMINISTRATOR: Final = "administrator"
"""Whoever looks after the cluster: the operator's preparations, and people."""

APPLICATION: Final = "application"
"""The user of services."""

FILE: Final = "definitions.json"

SALT_BYTES: Final = 4


@dataclass(frozen=True, kw_only=True)
class Queue:
    """One queue. Every node has all of its messages, with three of them."""

    dead_letters: str | None = None
    """The queue that gets messages which were refused, expired, or delivered too often; none, if not given."""

    delivery_limit: int = 20
    """How often a message is delivered again before it is dropped, or goes to the dead letters."""

    ttl_seconds: int | None = None
    """Seconds after which a message that nobody has taken expires; never, if not given."""

    max_length: int | None = None
    """Messages that may wait. One more is refused."""


def queue_arguments(queue: Queue) -> dict[str, Any]:
    """What the queue is declared with. https://www.rabbitmq.com/docs/quorum-queues"""
    arguments: dict[str, Any] = {"x-queue-type": "quorum", "x-delivery-limit": queue.delivery_limit}
    if queue.dead_letters is not None:
        # By the default exchange, in which every queue is known by its own name. No message is lost on the way there.
        arguments |= {
            "x-dead-letter-exchange": "",
            "x-dead-letter-routing-key": queue.dead_letters,
            "x-dead-letter-strategy": "at-least-once",
            "x-overflow": "reject-publish",
        }
    if queue.ttl_seconds is not None:
        arguments["x-message-ttl"] = queue.ttl_seconds * 1000
    if queue.max_length is not None:
        arguments |= {"x-max-length": queue.max_length, "x-overflow": "reject-publish"}
    return arguments


def definitions(queues: Mapping[str, Queue], passwords: Mapping[str, str]) -> str:
    """The file. It has hashes of the passwords of both users."""
    everything = {"configure": ".*", "write": ".*", "read": ".*"}
    content = {
        "users": [
            {
                "name": user,
                "password_hash": password_hash(passwords[user]),
                "hashing_algorithm": "rabbit_password_hashing_sha256",
                "tags": ["administrator"] if user == ADMINISTRATOR else [],
            }
            for user in (ADMINISTRATOR, APPLICATION)
        ],
        "vhosts": [{"name": VIRTUAL_HOST}],
        "permissions": [{"user": user, "vhost": VIRTUAL_HOST, **everything} for user in (ADMINISTRATOR, APPLICATION)],
        "queues": [
            {
                "name": name,
                "vhost": VIRTUAL_HOST,
                "durable": True,
                "auto_delete": False,
                "arguments": queue_arguments(queue),
            }
            for name, queue in sorted(queues.items())
        ],
    }
    return json.dumps(content, indent=1)


def password_hash(password: str) -> str:
    """A password as the servers keep it. The salt follows from it too, so that the same password is the same hash; a
    generated one is in no table. https://www.rabbitmq.com/docs/passwords#this-is-the-algorithm
    """
    salt = hashlib.sha256(b"salt" + password.encode()).digest()[:SALT_BYTES]
    return base64.b64encode(salt + hashlib.sha256(salt + password.encode()).digest()).decode()


def digest(queues: Mapping[str, Queue]) -> str:
    """Tells declarations apart."""
    content = json.dumps({name: queue_arguments(queue) for name, queue in sorted(queues.items())})
    return hashlib.sha256(content.encode()).hexdigest()[:8]
