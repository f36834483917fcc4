"""Rows of capacity: namespaces, volumes, and pods that wait."""

from dashboards.capacity import CHOSEN, IN_NAMESPACE, limited, requested, used
from dashboards.expressions import highest, series, total
from dashboards.layout import row
from dashboards.panels import Query, rising, table, timeseries

FULL = rising(warning=0.8, critical=0.9)
_VOLUME = ("namespace", "persistentvolumeclaim")


def _volumes(part: str, whole: str) -> str:
    return highest(f"{series(part, IN_NAMESPACE)} / {series(whole, IN_NAMESPACE)}", *_VOLUME)


FILLED = _volumes("kubelet_volume_stats_used_bytes", "kubelet_volume_stats_capacity_bytes")

NAMESPACES = row(
    "Namespaces",
    table(
        "Namespaces",
        Query(expression=requested("cpu", CHOSEN, "namespace"), legend="Cores requested", unit="short"),
        Query(expression=used("cpu", CHOSEN, "namespace"), legend="Cores used", unit="short"),
        Query(
            expression=f"{used('cpu', CHOSEN, 'namespace')} / {requested('cpu', CHOSEN, 'namespace')}",
            legend="Used of requested",
            unit="percentunit",
        ),
        Query(expression=requested("memory", CHOSEN, "namespace"), legend="Memory requested"),
        Query(expression=used("memory", CHOSEN, "namespace"), legend="Memory used"),
        Query(
            expression=f"{used('memory', CHOSEN, 'namespace')} / {requested('memory', CHOSEN, 'namespace')}",
            legend="Memory used of requested",
            unit="percentunit",
            thresholds=rising(warning=1, critical=1.5),
        ),
        Query(expression=limited("memory", CHOSEN, "namespace"), legend="Memory limits"),
        columns={"namespace": "Namespace"},
        unit="bytes",
        description="Who asks for what, and uses it. Memory above what was requested is the first to be evicted.",
        sort_by="Memory requested",
    ),
    table(
        "Quotas",
        *(
            Query(
                expression=highest(
                    series("kube_resourcequota", f'type="{kind}",{IN_NAMESPACE}'), "namespace", "resource"
                ),
                legend=legend,
            )
            for kind, legend in (("used", "Used"), ("hard", "Allowed"))
        ),
        Query(
            expression=" / ".join(
                highest(series("kube_resourcequota", f'type="{kind}",{IN_NAMESPACE}'), "namespace", "resource")
                for kind in ("used", "hard")
            ),
            legend="Share",
            unit="percentunit",
            thresholds=FULL,
        ),
        columns={"namespace": "Namespace", "resource": "Resource"},
        unit="short",
        description="At its quota a namespace gets no more pods: deployments stay short of replicas without an error.",
        sort_by="Share",
        width=12,
    ),
    timeseries(
        "Autoscalers, replicas as a share of their maximum",
        Query(
            expression="max by (namespace, horizontalpodautoscaler) ("
            f"kube_horizontalpodautoscaler_status_current_replicas{{{IN_NAMESPACE}}}"
            f" / kube_horizontalpodautoscaler_spec_max_replicas{{{IN_NAMESPACE}}})",
            legend="{{namespace}} {{horizontalpodautoscaler}}",
        ),
        unit="percentunit",
        description="At 100 % more load only makes it slower. Raise the maximum, or find what became dearer.",
        thresholds=rising(warning=0.9, critical=1),
    ),
)

VOLUMES = row(
    "Volumes",
    table(
        "Volumes",
        Query(
            expression=highest(series("kubelet_volume_stats_capacity_bytes", IN_NAMESPACE), *_VOLUME),
            legend="Size",
            unit="bytes",
        ),
        Query(expression=FILLED, legend="Filled", thresholds=FULL),
        Query(
            expression=_volumes("kubelet_volume_stats_inodes_used", "kubelet_volume_stats_inodes"),
            legend="Files",
            thresholds=FULL,
        ),
        Query(
            expression=f"min by ({', '.join(_VOLUME)}) (kubelet_volume_stats_available_bytes{{{IN_NAMESPACE}}}"
            f" / (deriv(kubelet_volume_stats_used_bytes{{{IN_NAMESPACE}}}[6h]) > 0))",
            legend="Full in",
            unit="dtdurations",
        ),
        columns={"namespace": "Namespace", "persistentvolumeclaim": "Claim"},
        unit="percentunit",
        description="Full in: if it goes on as in the last six hours. Volumes that no pod has mounted are not shown.",
        sort_by="Filled",
        width=14,
    ),
    timeseries(
        "Fullest volumes",
        Query(expression=f"topk(10, {FILLED})", legend="{{namespace}} {{persistentvolumeclaim}}"),
        unit="percentunit",
        description="A line that climbs straight is retention that does not work, or a volume that is too small.",
        thresholds=FULL,
        maximum=1,
        width=10,
    ),
)

WAITING = row(
    "Pods that wait",
    timeseries(
        "Pending pods",
        Query(
            expression=total(series("kube_pod_status_phase", f'phase="Pending",{IN_NAMESPACE}'), "namespace") + " > 0",
            legend="{{namespace}}",
        ),
        unit="short",
        description="Not placed yet, or still fetching images. For minutes that is normal while nodes are added.",
        width=8,
    ),
    timeseries(
        "Containers that wait, by reason",
        Query(
            expression=total(series("kube_pod_container_status_waiting_reason", IN_NAMESPACE), "namespace", "reason")
            + " > 0",
            legend="{{namespace}} {{reason}}",
        ),
        unit="short",
        description="ImagePullBackOff: name, tag or rights. CreateContainerConfigError: a Secret is missing.",
        width=8,
    ),
    timeseries(
        "Evicted pods",
        Query(
            expression=total(series("kube_pod_status_reason", f'reason="Evicted",{IN_NAMESPACE}'), "namespace")
            + " > 0",
            legend="{{namespace}}",
        ),
        unit="short",
        description="A node was short of memory or disk and ended these.",
        width=8,
    ),
)
