"""How many pods of a service there are, by what they have to do."""

from collections.abc import Container, Iterator
from typing import Annotated

from pydantic import Field, ValidationInfo, field_validator

from components.services.pods.task_model import Schedule, TimeZone
from stacks.model import Model, form

Topic = Annotated[str, form(r"[A-Za-z0-9._-]{1,249}", "the name of a topic of Kafka")]
Group = Annotated[str, form(r"[!#-\[\]-~]{1,255}", "the name of a consumer group, without spaces and quotes")]
Queue = Annotated[str, form(r"[A-Za-z0-9._:-]{1,255}", "the name of a queue of RabbitMQ")]


class KafkaLag(Model):
    """Messages of a topic that wait for a consumer group."""

    topic: Topic
    group: Group | None = None
    """The consumer group; the name of the service, if not given, which Dapr takes as well."""

    lag: int = Field(ge=1, le=1_000_000_000)
    """Messages that may wait for each pod. There is no use in more pods than the topic has partitions."""


class QueueLength(Model):
    """Messages of a RabbitMQ queue that nobody has taken."""

    queue: Queue
    length: int = Field(ge=1, le=1_000_000_000)
    """Messages that may wait for each pod."""


class BusyHours(Model):
    """Times at which there are more pods."""

    start: Schedule
    """When they begin, as five fields of cron."""

    end: Schedule
    """When they end."""

    timezone: TimeZone = "UTC"
    replicas: int = Field(ge=1, le=1000)
    """The pods meanwhile, if nothing asks for more."""


class Autoscaling(Model):
    """The number of pods follows what they have to do: of all that is given here, what asks for the most decides."""

    min: int = Field(default=2, ge=1, le=1000)
    """Fewest pods."""

    max: int = Field(ge=1, le=1000)
    """Most pods."""

    cpu_percent: int | None = Field(default=None, ge=1, le=1000)
    """Percent of the CPU that it asks for which each pod uses."""

    memory_percent: int | None = Field(default=None, ge=1, le=100)
    """Percent of its memory that each pod uses."""

    requests_per_second: float | None = Field(default=None, gt=0, le=1_000_000)
    """Requests that each pod answers a second: through the gateway where the service has routes, else by its traces."""

    kafka: KafkaLag | None = None
    rabbitmq: QueueLength | None = None
    cron: tuple[BusyHours, ...] = ()

    @field_validator("max")
    @classmethod
    def _is_no_less_than_min(cls, most: int, info: ValidationInfo) -> int:
        if most < info.data.get("min", 0):
            raise ValueError(f"expected min ({info.data['min']}) or more")
        return most

    def problems(self, *, answers: bool) -> Iterator[tuple[str, str]]:
        """What is wrong with it on a service: key path, and text. `answers` says whether that has ports."""
        asked = (self.cpu_percent, self.memory_percent, self.requests_per_second, self.kafka, self.rabbitmq)
        if not self.cron and not any(asked):
            yield (
                "",
                "expected something to go by: cpu_percent, memory_percent, requests_per_second, kafka, rabbitmq, cron",
            )
        if self.requests_per_second is not None and not answers:
            yield "requests_per_second", "the service has no port to be asked at"
        for index, hours in enumerate(self.cron):
            if hours.replicas > self.max:
                yield f"cron.{index}.replicas", f"expected max ({self.max}) or less"

    def unmeasured(self, used: Container[str]) -> Iterator[tuple[str, str]]:
        """What it goes by and nobody measures, on a service that uses data services of these kinds."""
        if self.kafka is not None and "kafka" not in used:
            yield "kafka", "the workload has no Kafka; components.pubsub brings one"
        if self.rabbitmq is not None and "rabbitmq" not in used:
            yield "rabbitmq", "the service uses no RabbitMQ; name one in its data"
