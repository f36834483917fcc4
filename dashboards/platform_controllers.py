"""Row of platform health: the operators that keep what is deployed as it was asked for."""

from dashboards.expressions import highest, lowest, rate, series, total
from dashboards.layout import row
from dashboards.panels import Query, falling, rising, table, timeseries

DAY = 86400

_CERTIFICATE = ("exported_namespace", "name")
_SERVER_ERRORS = 'code=~"5.."'
_REFUSED = 'code=~"5..|429"'
_SCALER = ("exported_namespace", "scaledObject", "scaler")

CONTROLLERS = row(
    "Operators: certificates, scaling, secrets, databases",
    table(
        "Certificates",
        Query(
            expression=f"{lowest('certmanager_certificate_expiration_timestamp_seconds', *_CERTIFICATE)} - time()",
            legend="Valid for",
            unit="dtdurations",
            thresholds=falling(warning=21 * DAY, critical=7 * DAY),
        ),
        Query(
            expression=lowest(series("certmanager_certificate_ready_status", 'condition="True"'), *_CERTIFICATE),
            legend="Ready",
            thresholds=falling(warning=1, critical=1),
        ),
        Query(
            expression=f"{lowest('certmanager_certificate_renewal_timestamp_seconds', *_CERTIFICATE)} - time()",
            legend="Renewed in",
            unit="dtdurations",
            thresholds=falling(warning=0, critical=-DAY),
        ),
        columns={"exported_namespace": "Namespace", "name": "Certificate"},
        unit="short",
        description="Certificates of cert-manager. One whose renewal is overdue will expire unless somebody looks.",
        width=14,
        height=9,
    ),
    timeseries(
        "cert-manager: failures",
        Query(
            expression=f"{total(rate('certmanager_controller_sync_error_count'), 'controller')} > 0",
            legend="{{controller}}",
        ),
        Query(
            expression=total(rate("certmanager_http_acme_client_request_count", 'status!~"2..|3.."'), "host", "status")
            + " > 0",
            legend="{{host}}: {{status}}",
        ),
        unit="ops",
        description="Controllers that end in an error, and answers of the certificate authority. 429: its rate limit.",
        width=10,
        height=9,
    ),
    timeseries(
        "Reconciles that end in an error",
        *(
            Query(
                expression=f"{total(rate(errors), 'namespace', 'controller')} > 0",
                legend="{{namespace}} {{controller}}",
            )
            for errors in ("controller_runtime_reconcile_errors_total", "prometheus_operator_reconcile_errors_total")
        ),
        unit="ops",
        description="Operators by what they look after: databases, scaling, secrets, collectors, monitors.",
    ),
    timeseries(
        "Work that waits",
        Query(
            expression=f"topk(10, {total('workqueue_depth', 'namespace', 'name')} > 0)",
            legend="{{namespace}} {{name}}",
        ),
        unit="short",
        description="Length of controllers' queues. One that only grows is stuck.",
    ),
    timeseries(
        "KEDA: scalers that fail",
        Query(
            expression=f"{total(rate('keda_scaler_detail_errors_total'), *_SCALER)} > 0",
            legend="{{exported_namespace}} {{scaledObject}}: {{scaler}}",
        ),
        unit="ops",
        description="Sources of scaling that KEDA cannot read: the service keeps the replicas that it has.",
        width=8,
    ),
    timeseries(
        "KEDA: time to read a source",
        Query(
            expression=highest("keda_scaler_metrics_latency_seconds", *_SCALER),
            legend="{{exported_namespace}} {{scaledObject}}: {{scaler}}",
        ),
        unit="s",
        description="How long the source of a scaler takes to answer.",
        width=8,
    ),
    timeseries(
        "External secrets that were not read",
        Query(
            expression=f"{total(rate('externalsecret_sync_calls_error'), 'exported_namespace', 'name')} > 0",
            legend="{{exported_namespace}} {{name}}",
        ),
        unit="ops",
        description="The store is away, the identity lacks a right, or the secret is not there.",
        width=8,
    ),
    timeseries(
        "Requests to the API server that fail",
        Query(
            expression=total(rate("rest_client_requests_total", _REFUSED), "namespace", "code") + " > 0",
            legend="{{namespace}} {{code}}",
        ),
        unit="reqps",
        description="429: the API server throttles a client. 5xx: it is overloaded, or an admission webhook is away.",
    ),
    timeseries(
        "Admission webhooks of operators that fail",
        Query(
            expression=total(rate("controller_runtime_webhook_requests_total", _SERVER_ERRORS), "namespace", "webhook")
            + " > 0",
            legend="{{namespace}} {{webhook}}",
        ),
        unit="reqps",
        description="Nobody can create or change what such a webhook guards.",
        thresholds=rising(warning=0.01, critical=1),
    ),
    collapsed=True,
)
