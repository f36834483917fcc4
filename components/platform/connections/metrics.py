"""Connections of what measures: Prometheus, Alertmanager, Grafana, the exporters."""

from components.namespaces import MONITORING
from components.network.connections import Connection, Place, Pods, connect, tcp, udp
from components.platform.addresses import PROMETHEUS as RELEASE
from components.platform.connections.situation import PROMETHEUS, Situation, port_of, scraped

PROMETHEUS_PORT, ALERTMANAGER_PORT, GRAFANA_PORT = 9090, 9093, 3000

RELOADER_PORT = 8080
"""The sidecar that reads configuration again, beside Prometheus and Alertmanager."""

KUBELET_PORT, NODE_EXPORTER_PORT, KUBE_PROXY_PORT = 10250, 9100, 10249

CONTROL_PLANE_PORTS = (10257, 10259, 2381)
"""Controller manager, scheduler and etcd, where they can be scraped."""

DNS_PORTS = {"coredns": (9153,), "kube-dns": (10054, 10055)}


def _of(policy: str, **labels: str) -> Pods:
    return Pods(
        name=policy,
        namespace=MONITORING,
        labels={
            "app.kubernetes.io/instance": RELEASE,
            **{f"app.kubernetes.io/{label}": value for label, value in labels.items()},
        },
    )


ALERTMANAGER = _of("alertmanager", name="alertmanager")
GRAFANA = _of("grafana", name="grafana")
KUBE_STATE_METRICS = _of("kube-state-metrics", name="kube-state-metrics")
OPERATOR = _of("prometheus-operator", component="prometheus-operator")
CERTIFICATE_JOBS = _of("prometheus-operator-webhook", component="prometheus-operator-webhook")
"""Jobs that give the operator's webhook a certificate."""

DNS = Pods(name="dns", namespace="kube-system", labels={"k8s-app": "kube-dns"})
METRICS_SERVER = Pods(
    name="metrics-server", namespace="kube-system", labels={"app.kubernetes.io/name": "metrics-server"}
)


def metrics_connections(situation: Situation) -> list[Connection]:
    """Between a sample and whoever is told of it."""
    return [
        *_targets(situation),
        *connect(PROMETHEUS, Place.API_SERVER, why="finds what to scrape"),
        *connect(PROMETHEUS, ALERTMANAGER, tcp(ALERTMANAGER_PORT), why="alerts"),
        *_pushed_elsewhere(situation),
        *_alerting(situation),
        *connect(GRAFANA, PROMETHEUS, tcp(PROMETHEUS_PORT), why="queries"),
        *connect(GRAFANA, ALERTMANAGER, tcp(ALERTMANAGER_PORT), why="queries"),
        *connect(GRAFANA, Place.API_SERVER, why="reads dashboards"),
        *_grafanas_logins(situation),
        *connect(KUBE_STATE_METRICS, Place.API_SERVER, why="counts objects"),
        *connect(OPERATOR, Place.API_SERVER, why="looks after its objects"),
        *connect(Place.ANYBODY, OPERATOR, tcp(KUBELET_PORT), why="webhook"),
        *connect(CERTIFICATE_JOBS, Place.API_SERVER, why="certificate of the webhook"),
    ]


def _targets(situation: Situation) -> list[Connection]:
    capabilities = situation.capabilities
    nodes = [KUBELET_PORT, NODE_EXPORTER_PORT]
    if capabilities.kube_proxy_metrics:
        nodes.append(KUBE_PROXY_PORT)
    if capabilities.control_plane_metrics:
        nodes.extend(CONTROL_PLANE_PORTS)
    return [
        *scraped(PROMETHEUS, PROMETHEUS_PORT, RELOADER_PORT),
        *scraped(ALERTMANAGER, ALERTMANAGER_PORT, RELOADER_PORT),
        *scraped(GRAFANA, GRAFANA_PORT),
        *scraped(KUBE_STATE_METRICS, 8080, 8081),
        *scraped(OPERATOR, KUBELET_PORT),
        *scraped(DNS, *DNS_PORTS[capabilities.cluster_dns]),
        *([] if capabilities.metrics_server else scraped(METRICS_SERVER, KUBELET_PORT)),
        *connect(PROMETHEUS, Place.NODES, tcp(*nodes), why="metrics of kubelets and nodes"),
    ]


def _pushed_elsewhere(situation: Situation) -> list[Connection]:
    target = situation.stack.metrics.remote_write
    if target is None:
        return []
    return connect(PROMETHEUS, Place.OUTSIDE, tcp(port_of(target.url)), why="samples for the long term")


def _alerting(situation: Situation) -> list[Connection]:
    mesh = connect(ALERTMANAGER, ALERTMANAGER, (*tcp(9094), *udp(9094)), why="who has told whom")
    told = connect(ALERTMANAGER, Place.OUTSIDE, tcp(*situation.alert_ports), why="tells people")
    return [*(mesh if situation.stack.high_availability else []), *(told if situation.alert_ports else [])]


def _grafanas_logins(situation: Situation) -> list[Connection]:
    oidc = situation.stack.monitoring.oidc
    if oidc is None:
        return []
    return connect(GRAFANA, Place.OUTSIDE, tcp(port_of(oidc.jwks_url)), why="keys of the identity provider")
