"""Rules of pods, wherever a kind has a template of them, that no type carries.

Source: what the API server answers; kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1.
"""

import ipaddress
import re
from collections.abc import Iterator

from contract_check.container_objects import check_container
from contract_check.dapr_metadata import check_annotations
from contract_check.findings import Finding
from contract_check.places import Place, distinct, one_of, required, within

SPECS = {
    "Pod": "spec",
    "Deployment": "spec.template.spec",
    "StatefulSet": "spec.template.spec",
    "DaemonSet": "spec.template.spec",
    "ReplicaSet": "spec.template.spec",
    "ReplicationController": "spec.template.spec",
    "Job": "spec.template.spec",
    "CronJob": "spec.jobTemplate.spec.template.spec",
}
"""Where a kind has the spec of its pods."""

ENDING = ("Job", "CronJob")
_LASTING = ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController")
_EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")
_NODE_OPERATORS = ("In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt")
_LABEL_OPERATORS = ("In", "NotIn", "Exists", "DoesNotExist")
_CLAIMS = "spec.volumeClaimTemplates"
_VOLUME_NAME = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")


def check_pods(kind: str, top: Place) -> Iterator[Finding]:
    """What is wrong with the pods of an object; nothing for a kind that has none."""
    if kind not in SPECS:
        return
    pod = top[SPECS[kind]]
    yield from check_annotations(top[f"{SPECS[kind].removesuffix('spec')}metadata.annotations"])
    yield from required(pod["containers"], "a pod needs at least one container")
    yield from _check_restarts(kind, pod)
    yield from within(pod["activeDeadlineSeconds"], 1, 2147483647)
    yield from within(pod["securityContext.runAsUser"], 0)
    yield from within(pod["securityContext.runAsGroup"], 0)
    yield from within(pod["securityContext.fsGroup"], 0)
    volumes = list(pod["volumes"].each())
    for volume in volumes:
        yield from _check_volume(volume)
    yield from distinct(volume["name"] for volume in volumes)
    mountable = [volume["name"].found for volume in volumes]
    mountable += [template["metadata.name"].found for template in top[_CLAIMS].each()]
    containers = [*pod["containers"].each(), *pod["initContainers"].each()]
    yield from distinct(container["name"] for container in containers)
    for container in containers:
        yield from check_container(container, mountable, volumes_known=not pod["volumes"].unknown)
    yield from _check_placement(pod)
    for alias in pod["hostAliases"].each():
        yield from _check_address(alias["ip"])


def check_selector(selector: Place) -> Iterator[Finding]:
    """The expressions of a label selector."""
    yield from _check_expressions(selector["matchExpressions"], _LABEL_OPERATORS)


def _check_restarts(kind: str, pod: Place) -> Iterator[Finding]:
    policy = pod["restartPolicy"]
    if kind in ENDING and not policy.unknown and policy.value not in ("Never", "OnFailure"):
        yield policy.wrong("the pods of a job restart OnFailure or Never: it has to say which")
    if kind in _LASTING and policy.value in ("Never", "OnFailure"):
        yield policy.wrong(f"the pods of a {kind} restart Always")


def _check_volume(volume: Place) -> Iterator[Finding]:
    yield from required(volume["name"])
    name = volume["name"].text
    if name is not None and not _VOLUME_NAME.fullmatch(name):
        yield volume["name"].wrong(f"{volume['name'].shown()} is no DNS label")
    sources = [key for key, source in volume.members() if key != "name" and source.present]
    if len(sources) > 1:
        yield volume.wrong(f"is of one kind, not of {' and '.join(sources)}")


def _check_placement(pod: Place) -> Iterator[Finding]:
    for toleration in pod["tolerations"].each():
        yield from one_of(toleration["effect"], _EFFECTS)
        yield from one_of(toleration["operator"], ("Exists", "Equal"))
        if toleration["operator"].value == "Exists" and toleration["value"].value:
            yield toleration["value"].wrong("a toleration with the operator Exists takes no value")
        if not toleration["key"].present and toleration["operator"].value not in ("Exists", None):
            yield toleration["operator"].wrong("a toleration of every key has the operator Exists")
    for spread in pod["topologySpreadConstraints"].each():
        yield from within(spread["maxSkew"], 1)
        yield from required(spread["topologyKey"])
        yield from check_selector(spread["labelSelector"])
    for affinity in ("podAffinity", "podAntiAffinity"):
        below = pod["affinity"][affinity]
        for preferred in below["preferredDuringSchedulingIgnoredDuringExecution"].each():
            yield from within(preferred["weight"], 1, 100)
            yield from _check_pod_term(preferred["podAffinityTerm"])
        for term in below["requiredDuringSchedulingIgnoredDuringExecution"].each():
            yield from _check_pod_term(term)
    nodes = pod["affinity.nodeAffinity"]
    for preferred in nodes["preferredDuringSchedulingIgnoredDuringExecution"].each():
        yield from within(preferred["weight"], 1, 100)
        yield from _check_expressions(preferred["preference.matchExpressions"], _NODE_OPERATORS)
    needed = nodes["requiredDuringSchedulingIgnoredDuringExecution"]
    if needed.present:
        yield from required(needed["nodeSelectorTerms"])
    for term in needed["nodeSelectorTerms"].each():
        yield from _check_expressions(term["matchExpressions"], _NODE_OPERATORS)


def _check_pod_term(term: Place) -> Iterator[Finding]:
    yield from required(term["topologyKey"])
    yield from check_selector(term["labelSelector"])


def _check_expressions(expressions: Place, operators: tuple[str, ...]) -> Iterator[Finding]:
    for expression in expressions.each():
        yield from required(expression["key"])
        operator, values = expression["operator"], expression["values"]
        yield from one_of(operator, operators)
        if operator.value in ("In", "NotIn"):
            yield from required(values, f"the operator {operator.value} needs values")
        if operator.value in ("Exists", "DoesNotExist") and values.value:
            yield values.wrong(f"the operator {operator.value} takes no values")


def _check_address(address: Place) -> Iterator[Finding]:
    if address.text is not None:
        try:
            ipaddress.ip_address(address.text)
        except ValueError:
            yield address.wrong(f"{address.shown()} is no IP address")
