"""Makes vectors of texts: an inference service with one model of sentence transformers, which Weaviate asks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import pulumi
import pulumi_kubernetes as kubernetes

from components.priorities import DATA
from stacks.versions import TRANSFORMERS_IMAGE, TRANSFORMERS_VERSION

NAME: Final = "t2v-transformers"
"""What its Deployment, its Service and its pods are called. A namespace has one."""

PORT: Final = 8080

LABELS: Final[Mapping[str, str]] = {"app.kubernetes.io/name": NAME}

UID: Final = 1000
"""The image names no user, and its files are everybody's to read."""

START_SECONDS: Final = 600
"""The model is read before the first answer: on a busy node that takes minutes."""

RUNTIME_MIB: Final = 512
"""What the interpreter and PyTorch take without a model."""

Model = Literal[
    "sentence-transformers-multi-qa-MiniLM-L6-cos-v1",
    "sentence-transformers-all-MiniLM-L6-v2",
    "sentence-transformers-all-MiniLM-L12-v2",
    "sentence-transformers-paraphrase-multilingual-MiniLM-L12-v2",
    "sentence-transformers-multi-qa-mpnet-base-cos-v1",
    "sentence-transformers-all-mpnet-base-v2",
    "sentence-transformers-paraphrase-multilingual-mpnet-base-v2",
    "baai-bge-small-en-v1.5",
    "baai-bge-base-en-v1.5",
    "mixedbread-ai-mxbai-embed-large-v1",
    "snowflake-snowflake-arctic-embed-xs",
    "snowflake-snowflake-arctic-embed-s",
    "snowflake-snowflake-arctic-embed-m",
    "snowflake-snowflake-arctic-embed-l",
]
"""Models that the publisher builds images with, by the tag of their image.
https://github.com/weaviate/t2v-transformers-models#pre-built-images"""

MILLION_PARAMETERS: Final[Mapping[Model, int]] = {
    "sentence-transformers-multi-qa-MiniLM-L6-cos-v1": 23,
    "sentence-transformers-all-MiniLM-L6-v2": 23,
    "sentence-transformers-all-MiniLM-L12-v2": 33,
    "sentence-transformers-paraphrase-multilingual-MiniLM-L12-v2": 118,
    "sentence-transformers-multi-qa-mpnet-base-cos-v1": 109,
    "sentence-transformers-all-mpnet-base-v2": 109,
    "sentence-transformers-paraphrase-multilingual-mpnet-base-v2": 278,
    "baai-bge-small-en-v1.5": 33,
    "baai-bge-base-en-v1.5": 109,
    "mixedbread-ai-mxbai-embed-large-v1": 335,
    "snowflake-snowflake-arctic-embed-xs": 23,
    "snowflake-snowflake-arctic-embed-s": 33,
    "snowflake-snowflake-arctic-embed-m": 109,
    "snowflake-snowflake-arctic-embed-l": 335,
}
"""How large each model is, by the card that its publisher has on https://huggingface.co/models."""


@dataclass(frozen=True, kw_only=True)
class TransformersArgs:
    namespace: str
    """Name of the namespace that it runs in."""

    model: Model
    """The model. Vectors of two models cannot be compared: after a change all objects are imported anew."""

    threads: int
    """Threads that compute one vector, and at most as many processors as a pod takes."""

    cpu: str
    """What each pod asks for."""

    replicas: int
    """Pods that answer."""

    exists: pulumi.Resource
    """The namespace."""

    nodes: Sequence[pulumi.Resource]
    """The nodes that pods wait for."""


class Transformers(pulumi.ComponentResource):
    """Pods with the model in their image. They keep nothing, and reach nobody."""

    def __init__(self, name: str, args: TransformersArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:Transformers", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self, depends_on=[args.exists])
        metadata = kubernetes.meta.v1.ObjectMetaArgs(name=NAME, namespace=args.namespace, labels=LABELS)
        deployment = kubernetes.apps.v1.Deployment(
            f"{name}-deployment",
            metadata=metadata,
            spec=_deployment(args),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[args.exists, *args.nodes]),
        )
        kubernetes.core.v1.Service(
            f"{name}-service",
            metadata=metadata,
            spec=kubernetes.core.v1.ServiceSpecArgs(
                selector=LABELS,
                ports=[kubernetes.core.v1.ServicePortArgs(name="http", port=PORT, target_port="http")],
            ),
            opts=child,
        )
        kubernetes.policy.v1.PodDisruptionBudget(
            f"{name}-disruption-budget",
            metadata=metadata,
            spec=kubernetes.policy.v1.PodDisruptionBudgetSpecArgs(max_unavailable=1, selector=_selector()),
            opts=child,
        )
        self.ready: Sequence[pulumi.Resource] = [deployment]
        self.register_outputs({})


def address(namespace: str) -> str:
    """Where it answers in this namespace."""
    return f"http://{NAME}.{namespace}.svc:{PORT}"


def memory_mib(model: Model) -> int:
    """MiB of a pod: the runtime, and the model twice, since it is read before it is laid out; four bytes a parameter.
    In steps of 128.
    """
    whole = RUNTIME_MIB + 2 * 4 * MILLION_PARAMETERS[model]
    return -(-whole // 128) * 128


def _selector() -> kubernetes.meta.v1.LabelSelectorArgs:
    return kubernetes.meta.v1.LabelSelectorArgs(match_labels=LABELS)


def _deployment(args: TransformersArgs) -> kubernetes.apps.v1.DeploymentSpecArgs:
    pod = kubernetes.core.v1.PodSpecArgs(
        automount_service_account_token=False,
        priority_class_name=DATA,
        security_context=kubernetes.core.v1.PodSecurityContextArgs(
            run_as_non_root=True,
            run_as_user=UID,
            run_as_group=UID,
            seccomp_profile=kubernetes.core.v1.SeccompProfileArgs(type="RuntimeDefault"),
        ),
        topology_spread_constraints=[
            kubernetes.core.v1.TopologySpreadConstraintArgs(
                max_skew=1, topology_key=topology, when_unsatisfiable="ScheduleAnyway", label_selector=_selector()
            )
            for topology in ("topology.kubernetes.io/zone", "kubernetes.io/hostname")
        ],
        containers=[_container(args)],
        volumes=[
            kubernetes.core.v1.VolumeArgs(
                name="tmp", empty_dir=kubernetes.core.v1.EmptyDirVolumeSourceArgs(size_limit="256Mi")
            )
        ],
    )
    return kubernetes.apps.v1.DeploymentSpecArgs(
        replicas=args.replicas,
        selector=_selector(),
        template=kubernetes.core.v1.PodTemplateSpecArgs(
            metadata=kubernetes.meta.v1.ObjectMetaArgs(labels=LABELS), spec=pod
        ),
    )


def environment(args: TransformersArgs) -> dict[str, str]:
    """What the process is told beside its command line."""
    return {
        # PyTorch takes all processors of the node otherwise: https://docs.pytorch.org/docs/stable/notes/multiprocessing.html
        "OMP_NUM_THREADS": str(args.threads),
        # The model is in the image. Without this each file of it is asked for at its publisher first.
        # https://huggingface.co/docs/huggingface_hub/package_reference/environment_variables#hfhuboffline
        "HF_HUB_OFFLINE": "1",
        # The user has no entry in the image's list, so its name and its home are told.
        "USER": NAME,
        "HOME": "/tmp",
    }


def _container(args: TransformersArgs) -> kubernetes.core.v1.ContainerArgs:
    memory = f"{memory_mib(args.model)}Mi"
    return kubernetes.core.v1.ContainerArgs(
        name=NAME,
        image=f"{TRANSFORMERS_IMAGE}:{args.model}-{TRANSFORMERS_VERSION}",
        env=[kubernetes.core.v1.EnvVarArgs(name=name, value=value) for name, value in environment(args).items()],
        ports=[kubernetes.core.v1.ContainerPortArgs(name="http", container_port=PORT)],
        startup_probe=_probe("live", period=10, failures=START_SECONDS // 10),
        liveness_probe=_probe("live", period=10, failures=6),
        readiness_probe=_probe("ready", period=5, failures=3),
        resources=kubernetes.core.v1.ResourceRequirementsArgs(
            requests={"cpu": args.cpu, "memory": memory}, limits={"memory": memory}
        ),
        security_context=kubernetes.core.v1.SecurityContextArgs(
            allow_privilege_escalation=False,
            read_only_root_filesystem=True,
            capabilities=kubernetes.core.v1.CapabilitiesArgs(drop=["ALL"]),
        ),
        volume_mounts=[kubernetes.core.v1.VolumeMountArgs(name="tmp", mount_path="/tmp")],
    )


def _probe(state: Literal["live", "ready"], *, period: int, failures: int) -> kubernetes.core.v1.ProbeArgs:
    return kubernetes.core.v1.ProbeArgs(
        http_get=kubernetes.core.v1.HTTPGetActionArgs(path=f"/.well-known/{state}", port="http"),
        period_seconds=period,
        timeout_seconds=3,
        failure_threshold=failures,
    )
