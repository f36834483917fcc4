"""Which alerts hush others: those that say the same thing louder, and those that explain them."""

from collections.abc import Sequence
from typing import Any, Final

SUBJECTS: Final = ("persistentvolumeclaim", "node", "service", "pod")
"""Labels that name what an alert is about."""

NODE_GONE: Final = ("NodeNotReady", "NodeUnreachable")
"""Alerts that say of a node that nothing on it answers any more."""

API_GONE: Final = ("KubernetesApiDown",)
"""Alerts that say that nobody answers for the cluster: what is known of its objects is what was true before."""

KNOWN_BY_THE_API: Final = ("kubernetes", "nodes", "volumes")
"""Components whose alerts are made of what the Kubernetes API says."""


def inhibit_rules() -> list[dict[str, Any]]:
    """Alertmanager's `inhibit_rules`. No rule hushes a critical alert of an application or of what watches it."""
    return [
        {**_louder(), "equal": ["alertname", "namespace", "component", "service"]},
        *({**_louder(f'{subject} != ""'), "equal": ["component", "namespace", subject]} for subject in SUBJECTS),
        {
            "source_matchers": [_one_of("alertname", NODE_GONE)],
            "target_matchers": [_none_of("alertname", NODE_GONE), 'node != ""'],
            "equal": ["node"],
        },
        {
            "source_matchers": [_one_of("alertname", API_GONE)],
            "target_matchers": [_none_of("alertname", API_GONE), _one_of("component", KNOWN_BY_THE_API)],
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
