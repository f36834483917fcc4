"""Where kinds have the spec of their pods."""

from typing import Final

from rehearsal.providers import paths
from rehearsal.providers.kubernetes.kinds import Kind
from rehearsal.providers.wire import Properties

POD_TEMPLATES: Final = {
    "Pod": "spec",
    "Deployment": "spec.template.spec",
    "StatefulSet": "spec.template.spec",
    "DaemonSet": "spec.template.spec",
    "ReplicaSet": "spec.template.spec",
    "Job": "spec.template.spec",
}


def pod_spec(kind: Kind, inputs: Properties) -> Properties:
    """The spec of an object's pods, empty for a kind that has none."""
    return paths.first(inputs, POD_TEMPLATES[kind.name]) or {} if kind.name in POD_TEMPLATES else {}
