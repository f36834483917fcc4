"""What scales a service: triggers of KEDA, with the queries that they ask Prometheus."""

from collections.abc import Iterator
from typing import Any

from components.platform.addresses import prometheus_url
from components.services.gateway.canaries import SUFFIX
from components.services.gateway.canary_rules import REQUESTS
from components.services.monitoring.slo_indicators import server_spans
from components.services.pods.autoscaling_model import Autoscaling
from components.services.pods.task_model import APP
from components.services.service_model import ServiceSpec
from components.span_metrics import CALLS


def autoscaling_values(workload: str, service: str, spec: ServiceSpec, autoscaling: Autoscaling) -> dict[str, Any]:
    """Values of the app-service chart, which makes a ScaledObject of them."""
    triggers = [*_resources(autoscaling), *_measured(workload, service, spec, autoscaling), *_hours(autoscaling)]
    return {"enabled": True, "min": autoscaling.min, "max": autoscaling.max, "triggers": triggers}


def _resources(autoscaling: Autoscaling) -> Iterator[dict[str, Any]]:
    for kind, percent in (("cpu", autoscaling.cpu_percent), ("memory", autoscaling.memory_percent)):
        if percent is not None:
            metadata = {"value": str(percent), "containerName": APP}
            yield {"type": kind, "metricType": "Utilization", "metadata": metadata}


def _measured(workload: str, service: str, spec: ServiceSpec, autoscaling: Autoscaling) -> Iterator[dict[str, Any]]:
    if autoscaling.requests_per_second is not None:
        yield _asked(_requests(workload, service, spec), autoscaling.requests_per_second)
    if (kafka := autoscaling.kafka) is not None:
        labels = f'namespace="{workload}",consumergroup="{kafka.group or service}",topic="{kafka.topic}"'
        yield _asked(f"sum(kafka_consumergroup_lag{{{labels}}})", kafka.lag)
    if (rabbitmq := autoscaling.rabbitmq) is not None:
        labels = f'namespace="{workload}",queue="{rabbitmq.queue}"'
        yield _asked(f"sum(rabbitmq_detailed_queue_messages_ready{{{labels}}})", rabbitmq.length)


def _requests(workload: str, service: str, spec: ServiceSpec) -> str:
    """Requests a second: those of the gateway, where a canary's are not the service's own, or those of traces."""
    if not spec.routes:
        return f"sum(rate({CALLS}{server_spans(workload, service, spec)}[2m]))"
    own = f'service=~"{workload}[.]{service}[.].+",service!~".+[.]{SUFFIX}"'
    return f"sum(rate({REQUESTS}{{{own}}}[2m]))"


def _asked(query: str, each: float) -> dict[str, Any]:
    """So many pods that each has no more than its share. While Prometheus does not answer, their number stays."""
    metadata = {"serverAddress": prometheus_url(), "query": query, "threshold": f"{each:.10g}"}
    return {"type": "prometheus", "metricType": "AverageValue", "metadata": metadata}


def _hours(autoscaling: Autoscaling) -> Iterator[dict[str, Any]]:
    for hours in autoscaling.cron:
        times = {"timezone": hours.timezone, "start": hours.start, "end": hours.end}
        yield {"type": "cron", "metadata": {**times, "desiredReplicas": str(hours.replicas)}}
