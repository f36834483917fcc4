"""What a stack says of its workloads, laid over what their files say."""

import difflib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pulumi

from components.services.model import WorkloadSpec, parse_workload, read_workload
from components.services.service_model import ServiceSpec
from components.services.values import Image
from stacks.problems import SettingsError
from stacks.settings import Stack
from stacks.workloads import ServiceEntry, WorkloadEntry


def load_entered(name: str, entry: WorkloadEntry, *, by_digest: bool = False) -> WorkloadSpec:
    """A workload as one stack runs it. Raises `SettingsError` with every problem, each by the file that it is in.

    `by_digest` says whether images have to be named by their digests.
    """
    path = f"workloads/{name}.yaml"
    try:
        values = read_workload(name)
        spec = parse_workload(name, values)
    except SettingsError as error:
        raise SettingsError([f"{path}: {problem}" for problem in error.problems], path) from None
    if unknown := list(_unknown_services(name, spec, entry)):
        raise SettingsError(unknown)
    if entry.services:
        try:
            spec = parse_workload(name, overridden(values, entry))
        except SettingsError as error:
            told = [f"{path}, as this stack changes it: {problem}" for problem in error.problems]
            raise SettingsError(told, path) from None
    if by_digest and not entry.stand_in and (found := list(_missing_digests(name, spec))):
        raise SettingsError(found)
    return spec


def overridden(values: Mapping[str, Any], entry: WorkloadEntry) -> dict[str, Any]:
    """The content of a workload file, but for what a stack says instead. Every service of the entry is in the file."""
    services = {
        name: _service(service, entry.services[name]) if name in entry.services else service
        for name, service in values["services"].items()
    }
    return {**values, "services": services}


def notices(stack: Stack, workloads: Mapping[str, WorkloadSpec]) -> Iterator[tuple[Callable[[str], None], str]]:
    """What a preview says of the workloads beside its resources: how, and what."""
    for name, spec in workloads.items():
        if stack.workloads[name].stand_in:
            yield pulumi.log.info, f"{name} runs stand-ins instead of its own images: {', '.join(spec.services)}"
        elif stack.environment == "prod" and (found := [one for one, _key in _without_digest(spec)]):
            yield (
                pulumi.log.warn,
                f"workloads/{name}.yaml: what runs in prod is named by a tag alone, which may be pushed again: "
                f"{', '.join(found)}. Name digests in the stack file (docs/images.md)",
            )


def _service(values: Mapping[str, Any], entry: ServiceEntry) -> dict[str, Any]:
    changed = dict(values)
    if entry.image is not None:
        # The file's digest would win over the stack's tag.
        kept = {key: value for key, value in values["image"].items() if key not in ("tag", "digest")}
        changed["image"] = {**kept, **entry.image.model_dump(exclude_none=True)}
    if entry.replicas is not None:
        changed["replicas"] = entry.replicas
    if resources := entry.resources.model_dump(exclude_none=True):
        changed["resources"] = {**values.get("resources", {}), **resources}
    return changed


def _unknown_services(name: str, spec: WorkloadSpec, entry: WorkloadEntry) -> Iterator[str]:
    for service in entry.services:
        if service not in spec.services:
            close = difflib.get_close_matches(service, spec.services, n=1)
            known = f'did you mean "{close[0]}"?' if close else f"known: {', '.join(sorted(spec.services))}"
            yield f"workloads.{name}.services.{service}: unknown service of workloads/{name}.yaml, {known}"


def _images(service: ServiceSpec) -> Iterator[tuple[str, str, Image | None]]:
    """Every image that a service names: as what of it, by which key, and the image."""
    yield "", "image", service.image
    yield "the canary of ", "canary.image", service.canary and service.canary.image
    yield "the migrations of ", "migrations.image", service.migrations and service.migrations.image
    for index, init in enumerate(service.init):
        yield f"{init.name} before ", f"init.{index}.image", init.image
    for name, job in service.jobs.items():
        yield f"the job {name} of ", f"jobs.{name}.image", job.image


def _without_digest(spec: WorkloadSpec) -> Iterator[tuple[str, str]]:
    """What runs by a tag alone: as a person calls it, and the key path of its image in the file."""
    for name, service in spec.services.items():
        for what, key, image in _images(service):
            if image is not None and image.digest is None:
                yield f"{what}{name}", f"services.{name}.{key}"


def _missing_digests(name: str, spec: WorkloadSpec) -> Iterator[str]:
    """What images_by_digest refuses. A stack names the images of services; those of all else are in the file."""
    in_the_stack = {f"services.{service}.image" for service in spec.services}
    for _name, key in _without_digest(spec):
        where = f"workloads.{name}.{key}" if key in in_the_stack else f"workloads/{name}.yaml: {key}"
        yield f"{where}.digest: missing; images_by_digest asks for it, and a tag alone says what runs"
