"""Values of the app-service chart for what stands in a pod, and for the pods that run besides."""

import json
from typing import Any

import pulumi

from components.pod_resources import requests
from components.services.pods.port_model import APP_PROTOCOLS, Port
from components.services.pods.probe_model import Probe
from components.services.pods.task_model import MIGRATIONS, Job, Migrations, Task, task_release
from components.services.pods.volume_model import Claim, Files, Scratch, SecretFiles, Volume
from components.services.service_model import ServiceSpec
from components.services.values import Image, Resources

CONCURRENCY = {"forbid": "Forbid", "allow": "Allow", "replace": "Replace"}


def port_values(port: Port) -> dict[str, Any]:
    """A port, with what Kubernetes calls its protocol."""
    return {"port": port.number, "appProtocol": APP_PROTOCOLS[port.protocol]}


def probe_values(probe: Probe) -> dict[str, Any]:
    """A probe as Kubernetes spells it, on a port by its name."""
    asked = (
        {"httpGet": {"path": probe.path, "port": probe.port}}
        if probe.path is not None
        else {"grpc": {"port": probe.port, **({"service": probe.service} if probe.service else {})}}
    )
    return {
        **asked,
        "periodSeconds": probe.period_seconds,
        "timeoutSeconds": probe.timeout_seconds,
        "failureThreshold": probe.failures,
    }


def resource_values(resources: Resources) -> dict[str, Any]:
    """Requests for both, a limit for memory alone."""
    return requests(resources.cpu, resources.memory)


def image_name(prefix: pulumi.Input[str], name: str, image: Image) -> pulumi.Output[str]:
    """An image with its registry, by digest where there is one."""
    build = f"@{image.digest}" if image.digest else f":{image.tag}"
    return pulumi.Output.format("{0}/{1}{2}", prefix, name, build)


def pod_values(workload: str, service: str, spec: ServiceSpec, prefix: pulumi.Input[str]) -> dict[str, Any]:
    """What differs from the chart's defaults in the pods of a service, and besides them."""
    own = f"{workload}/{service}" if spec.image.repository is None else spec.image.repository
    values: dict[str, Any] = {
        "command": list(spec.command),
        "args": list(spec.args),
        "initContainers": [{"name": one.name, **task_values(one, prefix, own)} for one in spec.init],
        "jobs": {name: {**job_values(job), **task_values(job, prefix, own)} for name, job in spec.jobs.items()},
        **placement_values(spec),
    }
    if spec.migrations is not None:
        values["migrations"] = {
            **migration_values(service, spec.migrations),
            **task_values(spec.migrations, prefix, own),
        }
    return {key: value for key, value in values.items() if value}


def placement_values(spec: ServiceSpec) -> dict[str, Any]:
    """Where pods run, how many may be missing, and whose they are."""
    spread, disruption, owners = spec.spread, spec.disruption, spec.owners
    values: dict[str, Any] = {}
    if spread.model_fields_set:
        values["spread"] = {"zones": spread.zones, "nodes": spread.nodes, "antiAffinity": spread.anti_affinity}
    if disruption.min_available is not None:
        values["disruption"] = {"minAvailable": disruption.min_available}
    if disruption.max_unavailable is not None:
        values["disruption"] = {"maxUnavailable": disruption.max_unavailable}
    if owners.team is not None:
        values["labels"] = {"groundwork/team": owners.team}
    if owners.contacts:
        values["annotations"] = {"groundwork/contacts": json.dumps(owners.contacts, ensure_ascii=False)}
    return values


def task_values(task: Task, prefix: pulumi.Input[str], own: str) -> dict[str, Any]:
    """What every task has. `own` is what the image of the service is called, another build of which it may be."""
    values: dict[str, Any] = {"command": list(task.command), "args": list(task.args), "env": dict(task.env)}
    values = {key: value for key, value in values.items() if value}
    if task.image is not None:
        values["image"] = image_name(prefix, task.image.repository or own, task.image)
    if task.resources is not None:
        values["resources"] = resource_values(task.resources)
    return values


def job_values(job: Job) -> dict[str, Any]:
    """When a job runs, and what becomes of its runs."""
    return {
        "schedule": job.schedule,
        "timeZone": job.timezone,
        "concurrencyPolicy": CONCURRENCY[job.concurrency],
        "startingDeadlineSeconds": job.starting_deadline_seconds,
        "activeDeadlineSeconds": job.deadline_seconds,
        "backoffLimit": job.retries,
        "successfulJobsHistoryLimit": job.keep_succeeded,
        "failedJobsHistoryLimit": job.keep_failed,
    }


def migration_values(service: str, migrations: Migrations) -> dict[str, Any]:
    """Who migrations run as, and for how long."""
    return {
        "enabled": True,
        "serviceAccount": task_release(service, MIGRATIONS),
        "activeDeadlineSeconds": migrations.deadline_seconds,
        "backoffLimit": migrations.retries,
    }


def volume_values(volume: Volume, storage_class: str) -> dict[str, Any] | None:
    """A volume of the chart; none for secret files, which are mounts of a Secret that somebody else makes."""
    match volume:
        case Scratch():
            content: dict[str, Any] = {"scratch": {"size": f"{volume.size_mib}Mi", "memory": volume.memory}}
        case Claim():
            content = {"claim": {"size": f"{volume.size_gib}Gi", "storageClass": storage_class}}
        case Files():
            content = {"files": dict(volume.files)}
        case SecretFiles():
            return None
    return {"path": volume.path, **content}
