"""Rules of Kubernetes objects that take more than one value, or know their kind; kubernetes_objects has the rest."""

from typing import Any

from contract_check.access_objects import check_access
from contract_check.definitions import KIND, OWN, check_definition
from contract_check.findings import Finding
from contract_check.network_objects import check_network
from contract_check.places import Place
from contract_check.pod_objects import check_pods
from contract_check.stored_objects import check_stored
from contract_check.workload_objects import check_workload

# Source: kubernetes.io/docs/reference/using-api/deprecation-guide.
RETIRED = {
    "admissionregistration.k8s.io/v1beta1": (
        "1.22",
        ("ValidatingWebhookConfiguration", "MutatingWebhookConfiguration"),
    ),
    "apiextensions.k8s.io/v1beta1": ("1.22", ()),
    "apps/v1beta1": ("1.16", ()),
    "apps/v1beta2": ("1.16", ()),
    "autoscaling/v2beta1": ("1.25", ()),
    "autoscaling/v2beta2": ("1.26", ()),
    "batch/v1beta1": ("1.25", ()),
    "discovery.k8s.io/v1beta1": ("1.25", ()),
    "extensions/v1beta1": ("1.22", ()),
    "flowcontrol.apiserver.k8s.io/v1beta1": ("1.26", ()),
    "flowcontrol.apiserver.k8s.io/v1beta2": ("1.29", ()),
    "flowcontrol.apiserver.k8s.io/v1beta3": ("1.32", ()),
    "networking.k8s.io/v1beta1": ("1.22", ("Ingress", "IngressClass")),
    "policy/v1beta1": ("1.25", ()),
    "rbac.authorization.k8s.io/v1beta1": ("1.22", ()),
    "scheduling.k8s.io/v1beta1": ("1.22", ()),
}
"""API versions that no Kubernetes serves any more: since when, and for which kinds, all where none is named."""


def check_rules(token: str, inputs: dict[str, Any]) -> list[Finding]:
    """What is wrong with an object, by the rules of its kind."""
    _, api_version, kind = token.split(":", 2)
    top = Place(inputs)
    group = api_version.rpartition("/")[0]
    since, kinds = RETIRED.get(api_version, ("", ()))
    if since and (not kinds or kind in kinds):
        return [Finding(path="apiVersion", problem=f'no matches for kind "{kind}": {api_version} went with {since}')]
    findings = [*check_stored(kind if group == "core" else "", top)]
    findings += [*check_pods(kind, top), *check_workload(kind, top), *check_network(kind, top)]
    findings += check_access(kind, top)
    if kind == KIND:
        OWN.learn(top)
        findings += check_definition(top)
    return findings
