"""The token that sidecars and Prometheus show to Consul: a Job makes it, with the token that may do everything."""

import hashlib
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_kubernetes as kubernetes

from components.namespaces import CONSUL as NAMESPACE
from components.platform.consul_credentials import AUTHORITY, MANAGEMENT, READER, TOKEN
from components.priorities import CRITICAL
from stacks.versions import CONSUL_IMAGE

JOB: Final = "consul-reader"

USER: Final = 100
"""User of the image."""

CERTIFICATES: Final = "/consul/tls"

RULES: Final = """
agent_prefix "" { policy = "read" }
node_prefix "" { policy = "read" }
service_prefix "" { policy = "read" }
"""
"""What Dapr's resolver asks before it asks for a service is its agent's own description.
https://github.com/dapr/components-contrib/blob/main/nameresolution/hashicorp/consul/consul.go"""

COMMANDS: Final = """
consul acl policy create -name reader -rules "$RULES" > /dev/null \
  || consul acl policy update -name reader -no-merge -rules "$RULES" > /dev/null
consul acl token read -accessor-id "$ACCESSOR" > /dev/null \
  || consul acl token create -accessor "$ACCESSOR" -secret "$READER" -policy-name reader > /dev/null
"""
"""Whatever was there before, they leave the same behind. What they answer holds tokens."""


@dataclass(frozen=True, kw_only=True)
class ReaderArgs:
    address: str
    """Where servers answer, as `host:port`."""

    accessor: pulumi.Output[str]
    """What the token is known by."""


def reader(name: str, args: ReaderArgs, opts: pulumi.ResourceOptions) -> kubernetes.batch.v1.Job:
    """A Job that is done once servers know the token."""
    return kubernetes.batch.v1.Job(
        name,
        metadata=kubernetes.meta.v1.ObjectMetaArgs(name=job_name(), namespace=NAMESPACE),
        spec=kubernetes.batch.v1.JobSpecArgs(
            backoff_limit=6,
            template=kubernetes.core.v1.PodTemplateSpecArgs(
                metadata=kubernetes.meta.v1.ObjectMetaArgs(labels={"app.kubernetes.io/name": JOB}),
                spec=_pod(args),
            ),
        ),
        opts=opts,
    )


def job_name() -> str:
    """Name of the Job. What a Job runs cannot be changed, so other rules are another Job."""
    return f"{JOB}-{hashlib.sha256(f'{COMMANDS}{RULES}'.encode()).hexdigest()[:8]}"


def _pod(args: ReaderArgs) -> kubernetes.core.v1.PodSpecArgs:
    return kubernetes.core.v1.PodSpecArgs(
        restart_policy="Never",
        automount_service_account_token=False,
        priority_class_name=CRITICAL,
        security_context=kubernetes.core.v1.PodSecurityContextArgs(
            run_as_non_root=True,
            run_as_user=USER,
            run_as_group=1000,
            fs_group=1000,
            seccomp_profile=kubernetes.core.v1.SeccompProfileArgs(type="RuntimeDefault"),
        ),
        containers=[_container(args)],
        volumes=[
            kubernetes.core.v1.VolumeArgs(
                name="authority",
                secret=kubernetes.core.v1.SecretVolumeSourceArgs(
                    secret_name=AUTHORITY, items=[kubernetes.core.v1.KeyToPathArgs(key="tls.crt", path="ca.crt")]
                ),
            )
        ],
    )


def _container(args: ReaderArgs) -> kubernetes.core.v1.ContainerArgs:
    return kubernetes.core.v1.ContainerArgs(
        name="consul",
        image=CONSUL_IMAGE,
        command=["sh", "-ec", COMMANDS],
        env=_environment(args),
        security_context=kubernetes.core.v1.SecurityContextArgs(
            allow_privilege_escalation=False,
            read_only_root_filesystem=True,
            capabilities=kubernetes.core.v1.CapabilitiesArgs(drop=["ALL"]),
        ),
        resources=kubernetes.core.v1.ResourceRequirementsArgs(
            requests={"cpu": "10m", "memory": "64Mi"}, limits={"memory": "64Mi"}
        ),
        volume_mounts=[
            kubernetes.core.v1.VolumeMountArgs(name="authority", mount_path=CERTIFICATES, read_only=True),
        ],
    )


def _environment(args: ReaderArgs) -> list[kubernetes.core.v1.EnvVarArgs]:
    """What the client reads. https://developer.hashicorp.com/consul/commands#environment-variables"""
    plain: dict[str, pulumi.Input[str]] = {
        "CONSUL_HTTP_ADDR": f"https://{args.address}",
        "CONSUL_CACERT": f"{CERTIFICATES}/ca.crt",
        "RULES": RULES,
        "ACCESSOR": args.accessor,
    }
    return [
        *(kubernetes.core.v1.EnvVarArgs(name=name, value=value) for name, value in plain.items()),
        *(
            kubernetes.core.v1.EnvVarArgs(
                name=name,
                value_from=kubernetes.core.v1.EnvVarSourceArgs(
                    secret_key_ref=kubernetes.core.v1.SecretKeySelectorArgs(name=secret, key=TOKEN)
                ),
            )
            for name, secret in {"CONSUL_HTTP_TOKEN": MANAGEMENT, "READER": READER}.items()
        ),
    ]
