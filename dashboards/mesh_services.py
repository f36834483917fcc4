"""Rows of the service mesh: identity of services, and how they find each other."""

from dashboards.expressions import increase, rate, series, total
from dashboards.layout import row
from dashboards.links import to_logs
from dashboards.panels import Query, falling, rising, table, timeseries

IN = 'namespace=~"$namespace"'

IDENTITY = row(
    "Identity (mTLS)",
    timeseries(
        "Certificates that Sentry signs",
        Query(expression=total(rate("dapr_sentry_cert_sign_request_received_total")), legend="asked for"),
        Query(expression=total(rate("dapr_sentry_cert_sign_success_total")), legend="signed"),
        unit="ops",
        description="Sidecars ask at their start and before their certificate ends. Asked, not signed: Sentry fails.",
        width=8,
    ),
    timeseries(
        "Failures of identity",
        Query(
            expression=total(rate("dapr_sentry_cert_sign_failure_total"), "reason"),
            legend="Sentry: {{reason}}",
        ),
        Query(
            expression=total(rate("dapr_runtime_mtls_workload_cert_rotated_fail_total", IN), "app_id", "reason"),
            legend="{{app_id}}: {{reason}}",
        ),
        unit="ops",
        description="Certificates that were refused or not renewed. No series means that none was.",
        width=8,
    ),
    timeseries(
        "Calls that access rules blocked",
        Query(
            expression=total(rate("dapr_runtime_acl_app_policy_action_blocked_total", IN), "app_id"),
            legend="{{app_id}}: rule of the caller",
        ),
        Query(
            expression=total(rate("dapr_runtime_acl_global_policy_action_blocked_total", IN), "app_id"),
            legend="{{app_id}}: rule for all",
        ),
        unit="reqps",
        description="Calls that a service's access control list refused: a caller too many, or a rule that is missing.",
        width=8,
    ),
)


def _endpoints(matchers: str) -> str:
    """Addresses behind each Service: an EndpointSlice is called like it, with five characters more."""
    slices = f"kube_endpointslice_endpoints{{{IN},{matchers}}}"
    return (
        "count by (namespace, service) (label_replace(count by (namespace, endpointslice, address) "
        f'({slices}), "service", "$1", "endpointslice", "(.+)-[a-z0-9]+"))'
    )


DISCOVERY = row(
    "Discovery",
    table(
        "Addresses behind each Service",
        Query(expression=_endpoints('ready="true"'), legend="Ready", thresholds=falling(warning=2, critical=1)),
        Query(expression=_endpoints('ready="false"'), legend="Not ready", thresholds=rising(warning=1, critical=2)),
        columns={"namespace": "Namespace", "service": "Service"},
        unit="short",
        description="Where calls can go. One ready address is one pod away from an outage.",
        sort_by="Not ready",
        width=12,
    ),
    timeseries(
        "Placement and scheduler",
        Query(expression="max(sum by (pod) (dapr_placement_runtimes_total))", legend="sidecars that placement knows"),
        Query(
            expression="max(sum by (pod) (dapr_placement_actor_runtimes_total))", legend="of them, sidecars with actors"
        ),
        Query(expression="sum(dapr_scheduler_sidecars_connected)", legend="sidecars that the scheduler knows"),
        Query(expression="sum(dapr_placement_leader_status)", legend="leaders of placement"),
        unit="short",
        description="Placement tells where actors live, with one leader. The scheduler runs jobs and reminders.",
        width=12,
    ),
    timeseries(
        "Sidecars that were not injected",
        Query(
            expression=total(increase("dapr_injector_sidecar_injection_failed_total"), "app_id", "reason"),
            legend="{{app_id}}: {{reason}}",
        ),
        unit="short",
        description="Pods that started without their sidecar.",
        width=12,
    ),
    timeseries(
        "Components that did not start",
        Query(
            # The counter begins with the first failure, which an increase would not show.
            expression=total(series("dapr_runtime_component_init_fail_total", IN), "app_id", "component", "reason"),
            legend="{{app_id}} {{component}}: {{reason}}",
        ),
        unit="short",
        description="A state store, pub/sub or binding that a sidecar cannot reach at its start: the pod restarts.",
        width=12,
        links=(to_logs(),),
    ),
)
