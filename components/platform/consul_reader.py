"""The token that sidecars and Prometheus show to Consul: a Job makes it, with the token that may do everything."""

import hashlib
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_kubernetes as kubernetes

from components.namespaces import CONSUL as NAMESPACE
from components.one_time_job import CA_FILE, Authority, OneTimeJobArgs, one_time_job
from components.platform.consul_credentials import AUTHORITY, MANAGEMENT, READER, TOKEN
from components.priorities import CRITICAL
from stacks.versions import CONSUL_IMAGE

JOB: Final = "consul-reader"

USER, GROUP = 100, 1000
"""User of the image, and its group."""

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
    return one_time_job(name, job_args(args), opts)


def job_args(args: ReaderArgs) -> OneTimeJobArgs:
    """The Job."""
    return OneTimeJobArgs(
        name=job_name(),
        namespace=NAMESPACE,
        app=JOB,
        priority=CRITICAL,
        user=USER,
        group=GROUP,
        container="consul",
        image=CONSUL_IMAGE,
        command=["sh", "-ec", COMMANDS],
        # https://developer.hashicorp.com/consul/commands#environment-variables
        env={
            "CONSUL_HTTP_ADDR": f"https://{args.address}",
            "CONSUL_CACERT": f"{CERTIFICATES}/{CA_FILE}",
            "RULES": RULES,
            "ACCESSOR": args.accessor,
        },
        secret_env={"CONSUL_HTTP_TOKEN": (MANAGEMENT, TOKEN), "READER": (READER, TOKEN)},
        authority=Authority(volume="authority", secret=AUTHORITY, key="tls.crt", folder=CERTIFICATES),
    )


def job_name() -> str:
    """Name of the Job. What a Job runs cannot be changed, so other rules are another Job."""
    return f"{JOB}-{hashlib.sha256(f'{COMMANDS}{RULES}'.encode()).hexdigest()[:8]}"
