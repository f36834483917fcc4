"""Circuit Breakers and Resiliency: what Dapr's policies do for which targets, and what fails in spite of them."""

from dashboards.expressions import SHOWN, or_zero, quantile, rate, share, share_of_each, total
from dashboards.layout import Dashboard, row
from dashboards.links import to_dashboard, to_logs
from dashboards.panels import Query, logs, rising, stat, statetimeline, table, timeseries
from dashboards.variables import CLOUD, NAMESPACE, Variable

CHOSEN = 'namespace=~"$namespace",app_id=~"$service"'
BREAKER = ("namespace", "app_id", "target", "name")
POLICY = ("namespace", "app_id", "policy", "name", "target", "flow_direction")

STATE, RUN, ACTED = "dapr_resiliency_cb_state", "dapr_resiliency_count", "dapr_resiliency_activations_total"
ANSWERED = "dapr_runtime_service_invocation_res_recv_total"
REFUSED = f'{CHOSEN},status=~"5..|2|4|8|12|13|14|15"'
"""HTTP's server errors, and those of gRPC by their numbers."""

SERVICE = Variable(
    name="service",
    label="Dapr app",
    description="An application with a Dapr sidecar, by its app-id: the one that calls.",
    query='label_values(dapr_runtime_component_loaded{namespace=~"$namespace"}, app_id)',
)

TO_LOGS = to_logs("${__field.labels.namespace}", "${__field.labels.app_id}", "Logs of this app")


def _in_state(state: str) -> str:
    return f'max by ({", ".join(BREAKER)}) ({STATE}{{{CHOSEN},status="{state}"}})'


def _acted(policy: str) -> str:
    return rate(ACTED, f'{CHOSEN},policy="{policy}"')


NOW = row(
    "Now",
    stat(
        "Open breakers",
        Query(expression=or_zero(f"count({_in_state('open')} == 1)")),
        unit="short",
        description="Targets that are not called at all now, because calls before failed. Each is an outage that users "
        "see, kept from spreading.",
        thresholds=rising(warning=1, critical=1),
        decimals=0,
    ),
    stat(
        "Half-open breakers",
        Query(expression=or_zero(f"count({_in_state('half-open')} == 1)")),
        unit="short",
        description="Targets that are being tried with a single call: it closes the breaker, or opens it again.",
        thresholds=rising(warning=1, critical=5),
        decimals=0,
    ),
    stat(
        "Retries",
        Query(expression=or_zero(total(_acted("retry")))),
        unit="ops",
        description="Calls that are made again, each second. They hide an error, and multiply the load on what fails.",
        thresholds=rising(warning=1, critical=10),
    ),
    stat(
        "Timeouts",
        Query(expression=or_zero(total(_acted("timeout")))),
        unit="ops",
        description="Calls that were given up for they took too long, each second.",
        thresholds=rising(warning=0.1, critical=1),
    ),
    stat(
        "Acted on by a policy",
        Query(expression=share(total(rate(ACTED, CHOSEN)), total(rate(RUN, CHOSEN)))),
        unit="percentunit",
        description="Activations of a policy, of all calls that run under one. Several may act on one call.",
        thresholds=rising(warning=0.01, critical=0.1),
        decimals=2,
    ),
    stat(
        "Failed calls",
        Query(expression=share(total(rate(ANSWERED, REFUSED)), total(rate(ANSWERED, CHOSEN)))),
        unit="percentunit",
        description="Share of service invocations that ended with a 5xx, each retry counted by itself.",
        thresholds=rising(warning=0.001, critical=0.01),
        decimals=2,
    ),
)

BREAKERS = row(
    "Circuit breakers",
    statetimeline(
        "State by target",
        Query(
            expression=f"2 * {_in_state('open')} + {_in_state('half-open')}",
            legend="{{app_id}} → {{target}} ({{name}})",
        ),
        unit="short",
        description="Green is closed, calls pass. Red is open, none does. Orange is half-open, one is tried. The "
        "highest state of all replicas of an app.",
        mappings={"0": ("closed", "green"), "1": ("half-open", "orange"), "2": ("open", "red")},
        height=8,
    ),
)

POLICIES = row(
    "By policy",
    table(
        "Policies",
        Query(expression=total(rate(RUN, CHOSEN, SHOWN), *POLICY), legend="Calls", unit="ops"),
        Query(expression=total(rate(ACTED, CHOSEN, SHOWN), *POLICY), legend="Acted on", unit="ops"),
        Query(
            expression=share_of_each(
                total(rate(ACTED, CHOSEN, SHOWN), *POLICY), total(rate(RUN, CHOSEN, SHOWN), *POLICY)
            ),
            legend="Share",
            unit="percentunit",
            thresholds=rising(warning=0.01, critical=0.1),
        ),
        columns={
            "namespace": "Namespace",
            "app_id": "App",
            "policy": "Policy",
            "name": "Resiliency",
            "target": "Target",
            "flow_direction": "Direction",
        },
        unit="short",
        description="Every policy and target over the time that is shown, what acts most first. A policy that acts "
        "on most calls no longer protects: its target is down.",
        sort_by="Acted on",
        links=(
            to_dashboard("gw-resiliency", "This app alone", service="${__data.fields.App}"),
            to_dashboard("gw-service-overview", "Service Overview", service="${__data.fields.App}"),
        ),
    ),
)

ACTIONS = row(
    "What policies do",
    timeseries(
        "Retries by target",
        Query(
            expression=total(_acted("retry"), "namespace", "app_id", "target"),
            legend="{{app_id}} → {{target}}",
        ),
        unit="ops",
        description="Who calls whom again. All callers of one target: it is the target. One caller alone: its policy, "
        "or its way there.",
        links=(TO_LOGS,),
    ),
    timeseries(
        "Timeouts by target",
        Query(
            expression=total(_acted("timeout"), "namespace", "app_id", "target"),
            legend="{{app_id}} → {{target}}",
        ),
        unit="ops",
        description="Who gives up on whom. Compare with the target's p99: a timeout below it fails healthy calls.",
        links=(TO_LOGS,),
    ),
    timeseries(
        "Breakers by state of the call",
        Query(expression=total(_acted("circuitbreaker"), "app_id", "status"), legend="{{app_id}} {{status}}"),
        unit="ops",
        description="What breakers decided, by the state that they were in. open: a call that was not made.",
        stacked=True,
    ),
    timeseries(
        "Calls under a policy",
        Query(expression=total(rate(RUN, CHOSEN), "app_id", "policy"), legend="{{app_id}} {{policy}}"),
        unit="ops",
        description="Calls that each kind of policy watches over. None for an app: no policy is meant for it.",
    ),
)

OUTCOME = row(
    "What gets through",
    timeseries(
        "Failed calls by target",
        Query(
            expression=total(rate(ANSWERED, REFUSED), "namespace", "app_id", "src_app_id", "status"),
            legend="{{app_id}} ← {{src_app_id}} {{status}}",
        ),
        unit="reqps",
        description="Answers with a 5xx that an app got from another.",
        links=(TO_LOGS, to_dashboard("gw-service-mesh", "Service Mesh")),
    ),
    timeseries(
        "Duration of calls (p95)",
        Query(
            expression=quantile(
                0.95, "dapr_runtime_service_invocation_res_recv_latency_ms", CHOSEN, "app_id", "src_app_id"
            ),
            legend="{{app_id}} ← {{src_app_id}}",
        ),
        unit="ms",
        description="How long calls to another app take. A call is not faster than what it waits for.",
    ),
    timeseries(
        "Failed components",
        Query(
            expression=total(rate("dapr_component_state_count", f'{CHOSEN},success="false"'), "app_id", "component"),
            legend="{{app_id}} {{component}} (state)",
        ),
        Query(
            expression=total(
                rate("dapr_component_pubsub_egress_count", f'{CHOSEN},success="false"'), "app_id", "component"
            ),
            legend="{{app_id}} {{component}} (pub/sub)",
        ),
        Query(
            expression=total(
                rate("dapr_component_output_binding_count", f'{CHOSEN},success="false"'), "app_id", "component"
            ),
            legend="{{app_id}} {{component}} (binding)",
        ),
        Query(
            expression=total(rate("dapr_component_secret_count", f'{CHOSEN},success="false"'), "app_id", "component"),
            legend="{{app_id}} {{component}} (secrets)",
        ),
        unit="ops",
        description="Operations on stores, brokers and bindings that failed after every retry.",
    ),
    timeseries(
        "Errors by code",
        Query(
            expression=total(rate("dapr_error_code_total", CHOSEN), "app_id", "error_code"),
            legend="{{app_id}} {{error_code}}",
        ),
        unit="ops",
        description="Errors of Dapr's API, by their code: https://docs.dapr.io/reference/errors/ has each.",
    ),
)

LOGS = row(
    "Logs",
    logs(
        "Warnings of sidecars",
        Query(expression='{namespace=~"$namespace",app=~"$service",container="daprd",level=~"warn|error|fatal"}'),
        description="What Dapr's sidecars say of targets that fail, of retries, breakers and timeouts.",
    ),
)

DASHBOARD = Dashboard(
    uid="gw-resiliency",
    title="Circuit Breakers and Resiliency",
    folder="Applications",
    description="Breakers, retries and timeouts of Dapr by target, and what fails in spite of them.",
    tags=("applications", "dapr"),
    related=("gw-service-overview", "gw-service-mesh", "gw-event-processing", "gw-application-logs"),
    variables=(CLOUD, NAMESPACE, SERVICE),
    rows=(NOW, BREAKERS, POLICIES, ACTIONS, OUTCOME, LOGS),
)
