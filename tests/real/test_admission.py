"""What the API server's own plugins refuse, and what it takes though nothing acts on it."""

import pytest

from rehearsal.control_plane.api_client import ApiError
from tests.real.cluster import Namespace, pod


def test_pod_security_refuses_what_the_namespace_forbids(namespace: Namespace, everywhere: Namespace):
    label = {"pod-security.kubernetes.io/enforce": "restricted"}
    everywhere.patch("namespaces", namespace.name, {"metadata": {"labels": label}})

    with pytest.raises(ApiError, match='violates PodSecurity "restricted:latest"'):
        namespace.create("pods", "app", pod())


def test_a_quota_is_not_exceeded(namespace: Namespace):
    namespace.create("resourcequotas", "small", {"spec": {"hard": {"count/configmaps": "2"}}})
    namespace.wait("resourcequotas", "small", lambda item: item.get("status", {}).get("hard"))
    namespace.wait("configmaps", "kube-root-ca.crt", lambda _: True)
    namespace.create("configmaps", "second", {})

    with pytest.raises(ApiError, match="exceeded quota: small"):
        namespace.create("configmaps", "third", {})


def test_autoscalers_of_pods_and_disruption_budgets_are_taken(namespace: Namespace):
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
    namespace.create("horizontalpodautoscalers", "web", {"spec": {"scaleTargetRef": target, "maxReplicas": 3}})
    labels = {"matchLabels": {"app": "web"}}
    namespace.create("poddisruptionbudgets", "web", {"spec": {"minAvailable": 1, "selector": labels}})

    assert len(namespace.list("horizontalpodautoscalers")) == 1
    assert len(namespace.list("poddisruptionbudgets")) == 1
