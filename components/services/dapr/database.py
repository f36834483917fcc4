"""The database of Dapr's state and configuration: the table that Dapr does not make itself."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import pulumi

from components.data.connections import PostgresConnection
from components.data.statements import StatementsArgs, run

JOB: Final = "configuration-table"
"""How the name of the Job begins that makes the table, and a label of its pods."""

CONFIGURATION_TABLE: Final = """
CREATE TABLE IF NOT EXISTS configuration (
    key VARCHAR NOT NULL PRIMARY KEY,
    value VARCHAR NOT NULL,
    version VARCHAR NOT NULL,
    metadata JSON
);
"""
"""What Dapr reads configuration from:
https://docs.dapr.io/reference/components-reference/supported-configuration-stores/postgresql-configuration-store/"""


def with_configuration(
    workload: str, postgres: PostgresConnection, nodes: Sequence[pulumi.Resource], opts: pulumi.ResourceOptions
) -> PostgresConnection:
    """The database with the table of configuration. Who reads it owns it."""
    statements = StatementsArgs(
        job=JOB,
        namespace=workload,
        host=postgres.host,
        port=postgres.port,
        database=postgres.database,
        user=postgres.user,
        password=postgres.password,
        ssl_mode=postgres.ssl_mode,
        ca=postgres.ca,
        statements=CONFIGURATION_TABLE,
    )
    ready = pulumi.ResourceOptions(depends_on=[*postgres.ready, *nodes])
    made = run(f"{workload}-{JOB}", statements, pulumi.ResourceOptions.merge(opts, ready))
    return replace(postgres, ready=[*postgres.ready, made])
