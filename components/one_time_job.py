"""A Job that runs one command once: in a container that may do nothing else, told of secrets by their names alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
import pulumi_kubernetes as kubernetes

CA_FILE = "ca.crt"
"""Name of the file with an authority, in the folder that it is mounted as."""


@dataclass(frozen=True, kw_only=True)
class Authority:
    """Whom the command trusts: a certificate, mounted from a Secret."""

    volume: str
    """Name of the volume."""

    secret: str
    """Name of the Secret."""

    key: str
    """The entry with the certificate."""

    folder: str
    """Where it is mounted."""


@dataclass(frozen=True, kw_only=True)
class OneTimeJobArgs:
    name: str
    """Name of the Job. What a Job runs cannot be changed, so what tells another command apart belongs in it."""

    namespace: str
    """Name of the namespace."""

    app: str
    """What its pods are called, as policies know them."""

    priority: str
    """Priority class of the pod."""

    user: int
    """Number of the image's user."""

    group: int
    """Number of that user's group."""

    container: str
    """Name of the container."""

    image: str

    command: Sequence[str]

    args: Sequence[str] | None = None
    """Words that follow the command."""

    env: Mapping[str, pulumi.Input[str]]
    """Variables that are no secret."""

    secret_env: Mapping[str, tuple[str, str]]
    """Variables whose values are in Secrets of the namespace: the Secret's name, and the entry."""

    authority: Authority | None
    """Whom the command trusts besides those that everybody does."""

    annotations: Mapping[str, pulumi.Input[str]] = field(default_factory=dict[str, pulumi.Input[str]])
    """Annotations of the pod."""


def one_time_job(name: str, args: OneTimeJobArgs, opts: pulumi.ResourceOptions) -> kubernetes.batch.v1.Job:
    """The Job, which is done when the command has ended well. It is tried six times more, ever later."""
    metadata = kubernetes.meta.v1.ObjectMetaArgs(
        labels={"app.kubernetes.io/name": args.app}, annotations={**args.annotations} or None
    )
    return kubernetes.batch.v1.Job(
        name,
        metadata=kubernetes.meta.v1.ObjectMetaArgs(name=args.name, namespace=args.namespace),
        spec=kubernetes.batch.v1.JobSpecArgs(
            backoff_limit=6, template=kubernetes.core.v1.PodTemplateSpecArgs(metadata=metadata, spec=_pod(args))
        ),
        opts=opts,
    )


def _pod(args: OneTimeJobArgs) -> kubernetes.core.v1.PodSpecArgs:
    return kubernetes.core.v1.PodSpecArgs(
        restart_policy="Never",
        automount_service_account_token=False,
        priority_class_name=args.priority,
        security_context=kubernetes.core.v1.PodSecurityContextArgs(
            run_as_non_root=True,
            run_as_user=args.user,
            run_as_group=args.group,
            fs_group=args.group,
            seccomp_profile=kubernetes.core.v1.SeccompProfileArgs(type="RuntimeDefault"),
        ),
        containers=[_container(args)],
        volumes=[] if args.authority is None else [_volume(args.authority)],
    )


def _volume(authority: Authority) -> kubernetes.core.v1.VolumeArgs:
    file = kubernetes.core.v1.KeyToPathArgs(key=authority.key, path=CA_FILE)
    return kubernetes.core.v1.VolumeArgs(
        name=authority.volume,
        secret=kubernetes.core.v1.SecretVolumeSourceArgs(secret_name=authority.secret, items=[file]),
    )


def _container(args: OneTimeJobArgs) -> kubernetes.core.v1.ContainerArgs:
    authority = args.authority
    return kubernetes.core.v1.ContainerArgs(
        name=args.container,
        image=args.image,
        command=[*args.command],
        args=None if args.args is None else [*args.args],
        env=_environment(args),
        security_context=kubernetes.core.v1.SecurityContextArgs(
            allow_privilege_escalation=False,
            read_only_root_filesystem=True,
            capabilities=kubernetes.core.v1.CapabilitiesArgs(drop=["ALL"]),
        ),
        resources=kubernetes.core.v1.ResourceRequirementsArgs(
            requests={"cpu": "10m", "memory": "64Mi"}, limits={"memory": "64Mi"}
        ),
        volume_mounts=[]
        if authority is None
        else [
            kubernetes.core.v1.VolumeMountArgs(name=authority.volume, mount_path=authority.folder, read_only=True),
        ],
    )


def _environment(args: OneTimeJobArgs) -> list[kubernetes.core.v1.EnvVarArgs]:
    core = kubernetes.core.v1
    secrets = {
        name: core.EnvVarSourceArgs(secret_key_ref=core.SecretKeySelectorArgs(name=secret, key=key))
        for name, (secret, key) in args.secret_env.items()
    }
    return [
        *(core.EnvVarArgs(name=name, value=value) for name, value in args.env.items()),
        *(core.EnvVarArgs(name=name, value_from=source) for name, source in secrets.items()),
    ]
