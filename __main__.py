"""Groundwork: one application platform on the cloud that the stack names."""

import pulumi

from components.foundation import build_foundation
from components.platform.platform import build_platform
from components.releases import check_charts
from components.services.workloads import applications, build_workloads, demands, load_workloads, retained
from stacks import settings
from stacks.credentials import load_credentials

stack = settings.load()
workloads = load_workloads(stack)
stack = retained(stack, workloads)
credentials = load_credentials(stack)
check_charts(stack)
asked = applications(stack, workloads)

foundation = build_foundation(stack, demands(workloads, managed_postgres=stack.managed_postgres))
pulumi.export("cluster", foundation.cluster.name)
pulumi.export("access", foundation.cluster.access_command)
pulumi.export("registry", foundation.registry.image_prefix)
pulumi.export(
    "buckets",
    {
        "logs": foundation.logs.bucket,
        "backups": foundation.backups.bucket,
        "database_backups": foundation.database_backups.bucket,
    },
)
pulumi.export("vault", foundation.secrets.vault)
if foundation.dns:
    pulumi.export("name_servers", foundation.dns.name_servers)
if foundation.postgres:
    postgres = foundation.postgres
    pulumi.export(
        "postgres",
        {
            "host": postgres.host,
            "port": postgres.port,
            "username": postgres.username,
            "ssl_mode": postgres.ssl_mode,
            "server_ca": postgres.server_ca,
        },
    )
    pulumi.export("postgres_password", postgres.password)

if stack.until != "foundation":
    platform = build_platform(stack, credentials, foundation, asked)
    pulumi.export("monitoring", platform.monitoring)

    if stack.until == "workloads":
        pulumi.export("services", build_workloads(stack, workloads, foundation, platform))
        pulumi.export("stand_ins", [name for name, entry in stack.workloads.items() if entry.stand_in])
