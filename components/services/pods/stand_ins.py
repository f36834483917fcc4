"""Stand-ins: public test images in the place of a workload's own, so that a platform is proven before those exist.

They answer at the ports of a service, whatever is asked for, and do nothing else. What only the service itself could do
is left out, so that nothing waits for it or complains for ever that it is missing: metrics and the objectives that they
measure, agents, and secrets of the vault.
"""

from collections.abc import Mapping
from typing import Any, Final, TypeVar

from components.pod_resources import requests
from components.services.gateway.consumer_model import ConsumerSpec, CredentialSpec
from components.services.gateway.model import GatewaySpec
from components.services.model import WorkloadSpec
from components.services.monitoring.slo import Slos
from components.services.pods.port_model import Port
from components.services.pods.probe_model import Probes
from components.services.pods.room import mebibytes, processors
from components.services.pods.task_model import STAND_IN, Task
from components.services.pods.volume_model import SecretFiles
from components.services.service_model import ServiceSpec
from stacks.versions import STAND_IN_DIGEST, STAND_IN_REPOSITORY, STAND_IN_TAG

AnyTask = TypeVar("AnyTask", bound=Task)

LABEL: Final = {"groundwork/stand-in": "true"}
"""What tells the pods from those of a workload's own image."""

USER: Final = 65532
"""The user that they run as: the image names none, so it would be root, which no pod may be."""

ENOUGH_MIB: Final = 32
"""Memory that one of them runs in."""

CONTROL_PORTS: Final = 20000
"""Where the search begins for a port that none of the service's is: gRPC stand-ins are told there what to answer."""

NO_OBJECTIVES: Final = Slos(availability=None, latency_p95_ms=None, latency_p99_ms=None)


def stood_in(spec: WorkloadSpec) -> WorkloadSpec:
    """The workload without what its services' own images would have to do or read."""
    services = {name: _service(service) for name, service in spec.services.items()}
    return spec.model_copy(update={"services": services, "gateway": _gateway(spec.gateway)})


def stand_in_values(workload: str, service: str, spec: ServiceSpec) -> dict[str, Any]:
    """Values of the app-service chart that put stand-ins in place of the service's own image."""
    arguments = list(_arguments(workload, service, spec.ports).items())
    first, others = (arguments[0][1], arguments[1:]) if arguments else (["pause"], [])
    image, resources = f"{STAND_IN_REPOSITORY}@{STAND_IN_DIGEST}", _share(spec)
    values: dict[str, Any] = {
        "image": {"repository": STAND_IN_REPOSITORY, "tag": STAND_IN_TAG, "digest": STAND_IN_DIGEST},
        "args": first,
        "runAsUser": USER,
        "resources": resources,
    }
    if others:
        values["containers"] = {
            f"{STAND_IN}{port}": {"image": image, "args": words, "resources": resources} for port, words in others
        }
    return values


def _share(spec: ServiceSpec) -> dict[str, Any]:
    """What each container asks for: all of them together what the service does, which its quota has room for."""
    containers = max(1, len(spec.ports))
    cpu = max(1, int(1000 * processors(spec.resources.cpu) / containers))
    memory = max(ENOUGH_MIB, int(mebibytes(spec.resources.memory) / containers))
    return requests(f"{cpu}m", f"{memory}Mi")


def _service(spec: ServiceSpec) -> ServiceSpec:
    dapr = spec.dapr
    return spec.model_copy(
        update={
            "command": (),
            "args": (),
            "probes": _probes(spec.probes),
            "metrics": None,
            "slos": NO_OBJECTIVES,
            "instrumentation": None,
            "secrets": {},
            "volumes": {name: one for name, one in spec.volumes.items() if not isinstance(one, SecretFiles)},
            "init": tuple(map(_task, spec.init)),
            "jobs": {name: _task(job) for name, job in spec.jobs.items()},
            "migrations": spec.migrations and _task(spec.migrations),
            "dapr": dapr and dapr.model_copy(update={"secrets": ()}),
            # Whoever may read secrets of the vault still may: there need not be any.
            "cloud_identity": spec.cloud_identity or bool(dapr and dapr.secrets),
        }
    )


def _task(task: AnyTask) -> AnyTask:
    """What says what it was called with, and ends well."""
    return task.model_copy(update={"image": None, "command": (), "args": ("entrypoint-tester",)})


def _probes(probes: Probes) -> Probes:
    """A stand-in knows no services by name: it is asked for as a whole."""
    asked = {kind: probe and probe.model_copy(update={"service": None}) for kind, probe in probes}
    return probes.model_copy(update=asked)


def _gateway(gateway: GatewaySpec) -> GatewaySpec:
    """Whoever proves something still has to: with values that are made here instead of put into the vault."""
    consumers = {name: _consumer(consumer) for name, consumer in gateway.consumers.items()}
    return gateway.model_copy(update={"consumers": consumers})


def _consumer(consumer: ConsumerSpec) -> ConsumerSpec:
    proofs = ("keys", "passwords", "tokens")
    return consumer.model_copy(
        update={proof: tuple(_generated(one) for one in getattr(consumer, proof)) for proof in proofs}
    )


def _generated(credential: CredentialSpec) -> CredentialSpec:
    if credential.vault is None:
        return credential
    return credential.model_copy(update={"generated": credential.vault, "vault": None})


def _arguments(workload: str, service: str, ports: Mapping[str, Port]) -> dict[str, list[str]]:
    """By port, what the image is called with to answer there.

    https://github.com/kubernetes/kubernetes/blob/v1.35.0/test/images/agnhost/README.md
    """
    taken = {port.number for port in ports.values()}
    free = (number for number in range(CONTROL_PORTS, CONTROL_PORTS + 2 * len(ports) + 1) if number not in taken)
    return {
        name: _grpc(port.number, next(free)) if port.protocol == "grpc" else _http(port.number, workload, service)
        for name, port in ports.items()
    }


def _http(number: int, workload: str, service: str) -> list[str]:
    """One answer to every request. Without it there would be paths at which anybody may run a command or end the
    server, and a health check that fails as long as no UDP is served.
    """
    answer = f"--http-override=/echo?msg=stand-in+of+{workload}/{service}"
    return ["netexec", f"--http-port={number}", "--udp-port=-1", answer]


def _grpc(number: int, control: int) -> list[str]:
    return ["grpc-health-checking", f"--port={number}", f"--http-port={control}"]
