"""Logs: Loki on the stack's object store, the agents that bring it what pods and the cluster say, ready queries."""

from components.contracts import LOGS_WRITER, ObjectStore
from components.namespaces import MONITORING
from components.platform.alloy import Alloy, AlloyArgs
from components.platform.base import Base
from components.platform.log_queries import LogQueries, LogQueriesArgs
from components.platform.loki import Loki, LokiArgs


def build_logs(base: Base, store: ObjectStore) -> None:
    """Registers everything between a line of a log and Loki's answer to a query."""
    loki = Loki(
        "loki",
        LokiArgs(
            store=store,
            retention_days=base.stack.logs.retention_days,
            high_availability=base.stack.high_availability,
            storage_class=base.capabilities.storage_class,
            namespace=base.namespaces[LOGS_WRITER.namespace],
            service_monitors=base.crds,
            nodes=base.nodes,
            charts=base.charts,
        ),
        base.opts,
    )
    Alloy(
        "alloy",
        AlloyArgs(
            push_url=loki.push_url,
            namespace=base.namespaces[MONITORING],
            service_monitors=base.crds,
            nodes=base.nodes,
            charts=base.charts,
        ),
        base.opts,
    )
    LogQueries("log-queries", LogQueriesArgs(namespace=base.namespaces[MONITORING]), base.opts)
