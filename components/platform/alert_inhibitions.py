"""Which alerts hush others: those that say the same thing louder, and those that explain them."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

SUBJECTS: Final[Mapping[str, Sequence[str]]] = {
    "cluster": (),
    "deployment": (),
    "device": ("node",),
    "job": (),
    "name": (),
    "persistentvolumeclaim": (),
    "pod": (),
    "service": ("slo",),
    "statefulset": (),
    "strimzi_io_cluster": ("pod",),
    "topic": ("consumergroup", "app_id"),
}
"""Labels that name what an alert is about, each with those that it needs beside it. A node alone is not among them: a
full disk says nothing of its memory."""

LOUDER: Final[Mapping[str, str]] = {
    "DaprCertificateAlmostExpired": "DaprCertificateExpires",
    "DaprRootAlmostExpired": "DaprRootExpires",
}
"""Alerts that say the same as another, later, about what has no label of its own."""

NODE_GONE: Final = ("NodeNotReady", "NodeUnreachable")
"""Alerts that say of a node that nothing on it answers any more."""

CLUSTER_GONE: Final = ("KubernetesApiDown", "ManyNodesDown")
"""Alerts that explain most of what is wrong in the cluster."""

KNOWN_BY_THE_API: Final = ("kubernetes", "nodes", "volumes")
"""Components whose alerts are made of what the Kubernetes API and the nodes say."""


def inhibit_rules() -> list[dict[str, Any]]:
    """Alertmanager's `inhibit_rules`. A critical alert is hushed by nothing but the loss of the node that it is on."""
    louder = ("component", "namespace")
    return [
        {**_louder(), "equal": ["alertname", "namespace", "component", "service"]},
        *(
            {**_louder(f'{subject} != ""'), "equal": [*louder, subject, *beside]}
            for subject, beside in SUBJECTS.items()
        ),
        *(
            {
                "source_matchers": [f'alertname = "{later}"'],
                "target_matchers": [f'alertname = "{sooner}"'],
                "equal": ["namespace"],
            }
            for later, sooner in LOUDER.items()
        ),
        {
            "source_matchers": [_one_of("alertname", NODE_GONE)],
            "target_matchers": [_none_of("alertname", NODE_GONE), 'node != ""'],
            "equal": ["node"],
        },
        {
            "source_matchers": [_one_of("alertname", CLUSTER_GONE)],
            "target_matchers": ['severity =~ "warning|info"', _one_of("component", KNOWN_BY_THE_API)],
        },
    ]


def _louder(*matchers: str) -> dict[str, Any]:
    return {
        "source_matchers": ['severity = "critical"', *matchers],
        "target_matchers": ['severity =~ "warning|info"', *matchers],
    }


def _one_of(label: str, values: Sequence[str]) -> str:
    return f'{label} =~ "{"|".join(values)}"'


def _none_of(label: str, values: Sequence[str]) -> str:
    return f'{label} !~ "{"|".join(values)}"'
