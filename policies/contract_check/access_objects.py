"""Rules of access, webhooks, policies, quotas and priorities that no type carries.

Source: what the API server answers; kubernetes.io/docs/reference/kubernetes-api/authorization-resources,
extend-resources and policy-resources.
"""

import re
from collections.abc import Callable, Iterator
from typing import Final
from urllib.parse import urlsplit

from contract_check.cel import expression_problem
from contract_check.findings import Finding
from contract_check.places import Place, distinct, exactly_one, matching, one_of, required, within
from contract_check.quantities import amount

_RBAC = "rbac.authorization.k8s.io"
_HIGHEST_PRIORITY = 1000000000
_DOTTED = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?){2,}")
_OPERATIONS = ("CREATE", "UPDATE", "DELETE", "CONNECT", "*")
_COUNTED = frozenset(
    {
        *("cpu", "memory", "ephemeral-storage", "storage", "pods", "services", "replicationcontrollers"),
        *("resourcequotas", "secrets", "configmaps", "persistentvolumeclaims", "services.nodeports"),
        *("services.loadbalancers",),
    }
)
_COUNTED_PREFIXES = ("requests.", "limits.", "count/", "hugepages-")
_POLICY_VARIABLES = frozenset(
    {"object", "oldObject", "request", "params", "namespaceObject", "variables", "authorizer"}
)


def check_access(kind: str, top: Place) -> Iterator[Finding]:
    """What is wrong with an object of one of these kinds."""
    check = _CHECKS.get(kind)
    if check is not None:
        yield from check(top)


def _role(top: Place, *, everywhere: bool = False) -> Iterator[Finding]:
    for rule in top["rules"].each():
        yield from required(rule["verbs"], "verbs must contain at least one value")
        addresses = rule["nonResourceURLs"]
        if addresses.value and not everywhere:
            yield addresses.wrong("namespaced rules cannot apply to non-resource URLs")
        elif addresses.value and (rule["resources"].value or rule["apiGroups"].value):
            yield addresses.wrong("rules cannot apply to both regular resources and non-resource URLs")
        elif not addresses.present:
            yield from required(rule["apiGroups"], "resource rules must supply at least one api group")
            yield from required(rule["resources"], "resource rules must supply at least one resource")


def _cluster_role(top: Place) -> Iterator[Finding]:
    yield from _role(top, everywhere=True)


def _binding(top: Place, *, everywhere: bool = False) -> Iterator[Finding]:
    role = top["roleRef"]
    yield from one_of(role["apiGroup"], (_RBAC,))
    yield from one_of(role["kind"], ("ClusterRole",) if everywhere else ("Role", "ClusterRole"))
    yield from required(role["name"])
    for subject in top["subjects"].each():
        yield from required(subject["name"])
        kind = subject["kind"].value
        yield from one_of(subject["kind"], ("ServiceAccount", "User", "Group"))
        if kind == "ServiceAccount":
            if subject["apiGroup"].value:
                yield subject["apiGroup"].wrong(f"{subject['apiGroup'].shown()}: a service account is of the core API")
            if everywhere:
                yield from required(subject["namespace"], "a service account lives in a namespace")
        elif kind in ("User", "Group"):
            yield from one_of(subject["apiGroup"], (_RBAC,))


def _cluster_binding(top: Place) -> Iterator[Finding]:
    yield from _binding(top, everywhere=True)


def _webhooks(top: Place) -> Iterator[Finding]:
    hooks = list(top["webhooks"].each())
    for hook in hooks:
        yield from required(hook["name"])
        yield from matching(hook["name"], _DOTTED, "domain name with at least three segments separated by dots")
        yield from one_of(hook["sideEffects"], ("None", "NoneOnDryRun"))
        yield from one_of(hook["failurePolicy"], ("Ignore", "Fail"))
        yield from one_of(hook["matchPolicy"], ("Exact", "Equivalent"))
        yield from required(hook["admissionReviewVersions"], "must specify one of v1, v1beta1")
        yield from within(hook["timeoutSeconds"], 1, 30)
        yield from exactly_one(hook["clientConfig"], ("url", "service"))
        url = hook["clientConfig.url"].text
        if url is not None and urlsplit(url).scheme != "https":
            yield hook["clientConfig.url"].wrong("'https' is the only allowed URL scheme")
        yield from _resource_rules(hook["rules"])
        for condition in hook["matchConditions"].each():
            yield from _expression(condition["expression"])
    yield from distinct(hook["name"] for hook in hooks)


def _resource_rules(rules: Place) -> Iterator[Finding]:
    for rule in rules.each():
        for key in ("apiGroups", "apiVersions", "operations", "resources"):
            yield from required(rule[key])
        for operation in rule["operations"].each():
            yield from one_of(operation, _OPERATIONS)


def _admission_policy(top: Place) -> Iterator[Finding]:
    spec = top["spec"]
    yield from one_of(spec["failurePolicy"], ("Ignore", "Fail"))
    yield from _resource_rules(spec["matchConstraints.resourceRules"])
    if not spec["validations"].unknown and not spec["validations"].value and not spec["auditAnnotations"].value:
        yield spec["validations"].wrong("validations or auditAnnotations must contain at least one item")
    for key, part in (("validations", "expression"), ("matchConditions", "expression"), ("variables", "expression")):
        for item in spec[key].each():
            yield from required(item[part])
            yield from _expression(item[part])
    for item in spec["validations"].each():
        yield from _expression(item["messageExpression"])


def _expression(place: Place) -> Iterator[Finding]:
    if place.text is not None:
        problem = expression_problem(place.text, _POLICY_VARIABLES)
        if problem:
            yield place.wrong(f"compilation failed: {problem}")


def _quota(top: Place) -> Iterator[Finding]:
    for name, given in top["spec.hard"].members():
        if "/" not in name and name not in _COUNTED and not name.startswith(_COUNTED_PREFIXES):
            yield given.wrong(f'"{name}" is no resource that a quota counts')
        yield from _quantity(given)


def _limit_range(top: Place) -> Iterator[Finding]:
    for limit in top["spec.limits"].each():
        yield from one_of(limit["type"], ("Pod", "Container", "PersistentVolumeClaim"))
        for part in ("default", "defaultRequest", "max", "min"):
            for _, given in limit[part].members():
                yield from _quantity(given)
        for lower, upper in (("default", "max"), ("defaultRequest", "max"), ("min", "default"), ("min", "max")):
            highest = dict(limit[upper].members())
            for name, given in limit[lower].members():
                small, large = amount(given.value), amount(highest[name].value) if name in highest else None
                if small is not None and large is not None and small > large:
                    yield given.wrong(f"{lower} value {given.shown()} is greater than {upper} value")


def _quantity(place: Place) -> Iterator[Finding]:
    found = amount(place.value)
    if place.value is not None and found is None:
        yield place.wrong(f'{place.shown()} is no quantity, such as "250m", "1.5" or "512Mi"')
    elif found is not None and found < 0:
        yield place.wrong(f"{place.shown()} is below zero")


def _priority(top: Place) -> Iterator[Finding]:
    name = top["metadata.name"]
    if name.text is not None and name.text.startswith("system-"):
        yield name.wrong("priority class names with 'system-' prefix are reserved for system use only")
    yield from within(top["value"], None, _HIGHEST_PRIORITY)
    yield from one_of(top["preemptionPolicy"], ("PreemptLowerPriority", "Never"))


_CHECKS: Final[dict[str, Callable[[Place], Iterator[Finding]]]] = {
    "Role": _role,
    "ClusterRole": _cluster_role,
    "RoleBinding": _binding,
    "ClusterRoleBinding": _cluster_binding,
    "ValidatingWebhookConfiguration": _webhooks,
    "MutatingWebhookConfiguration": _webhooks,
    "ValidatingAdmissionPolicy": _admission_policy,
    "ResourceQuota": _quota,
    "LimitRange": _limit_range,
    "PriorityClass": _priority,
}
