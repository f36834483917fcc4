"""Rules of services, ingresses and network policies that no type carries.

Source: what the API server answers; kubernetes.io/docs/reference/kubernetes-api/service-resources and policy-resources.
"""

import ipaddress
import re
from collections.abc import Callable, Iterator
from typing import Any, Final

from contract_check.container_objects import PORTS, PROTOCOLS, check_port_reference
from contract_check.findings import Finding
from contract_check.places import Place, distinct, exactly_one, matching, one_of, required, within
from contract_check.pod_objects import check_selector

_NODE_PORTS = (30000, 32767)
"""Every managed Kubernetes keeps the API server's own range."""
_DNS_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
_HOST = re.compile(r"(\*\.)?[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")


def check_network(kind: str, top: Place) -> Iterator[Finding]:
    """What is wrong with an object of one of these kinds."""
    check = _CHECKS.get(kind)
    if check is not None:
        yield from check(top)


def _service(top: Place) -> Iterator[Finding]:
    spec = top["spec"]
    kind = spec["type"].value or "ClusterIP"
    external, headless = kind == "ExternalName", spec["clusterIP"].value == "None"
    ports = list(spec["ports"].each())
    if external:
        yield from required(spec["externalName"], "a service of the type ExternalName needs the name")
        yield from matching(spec["externalName"], re.compile(_HOST.pattern + r"\.?"), "DNS name")
    elif not headless and not spec["type"].unknown:
        yield from required(spec["ports"], "a service needs a port")
    for port in ports:
        yield from _service_port(port, kind, several=len(ports) > 1)
    yield from distinct(port["name"] for port in ports)
    yield from _distinct_ports(ports)
    yield from one_of(spec["sessionAffinity"], ("None", "ClientIP"))
    yield from one_of(spec["externalTrafficPolicy"], ("Cluster", "Local"))
    yield from one_of(spec["internalTrafficPolicy"], ("Cluster", "Local"))
    address = spec["clusterIP"]
    if address.value not in (None, "", "None"):
        yield from _address(address)
    for block in spec["loadBalancerSourceRanges"].each():
        yield from _range(block)
    if kind not in ("NodePort", "LoadBalancer") and spec["externalTrafficPolicy"].value and not spec["type"].unknown:
        yield spec["externalTrafficPolicy"].wrong("may only be set for externally-accessible services")


def _service_port(port: Place, kind: str, *, several: bool) -> Iterator[Finding]:
    yield from required(port["port"])
    yield from within(port["port"], *PORTS)
    yield from one_of(port["protocol"], PROTOCOLS)
    yield from matching(port["name"], _DNS_LABEL, "DNS label", 63)
    if several:
        yield from required(port["name"], "each of several ports needs a name")
    yield from check_port_reference(port["targetPort"])
    node_port = port["nodePort"]
    if node_port.number:
        yield from within(node_port, *_NODE_PORTS)
        if kind not in ("NodePort", "LoadBalancer"):
            yield node_port.wrong("may not be used when `type` is 'ClusterIP'")


def _distinct_ports(ports: list[Place]) -> Iterator[Finding]:
    seen: set[Any] = set()
    for port in ports:
        key = (port["port"].number, port["protocol"].value or "TCP")
        if key[0] is not None and key in seen and not port["protocol"].unknown:
            yield port["port"].wrong(f"{port['port'].shown()} of {key[1]} is there already")
        seen.add(key)


def _ingress(top: Place) -> Iterator[Finding]:
    spec = top["spec"]
    if not spec.unknown and not spec["rules"].present and not spec["defaultBackend"].present:
        yield spec.wrong("either `defaultBackend` or `rules` must be specified")
    yield from _backend(spec["defaultBackend"])
    for rule in spec["rules"].each():
        yield from _host(rule["host"])
        for path in rule["http.paths"].each():
            yield from _path(path)
    for entry in spec["tls"].each():
        for host in entry["hosts"].each():
            yield from _host(host)


def _path(path: Place) -> Iterator[Finding]:
    yield from required(path["pathType"], "a path has its type")
    text = path["path"].text
    if path["pathType"].value in ("Exact", "Prefix") and not path["path"].unknown and not (text or "").startswith("/"):
        yield path["path"].wrong("must be an absolute path")
    if path["backend"].value == {}:
        yield path["backend"].wrong("must specify a service or a resource")
    yield from _backend(path["backend"])


def _backend(backend: Place) -> Iterator[Finding]:
    if not backend.value:
        return
    yield from exactly_one(backend, ("service", "resource"))
    service = backend["service"]
    if service.value is not None:
        yield from required(service["name"])
        yield from exactly_one(service["port"], ("name", "number"))
        yield from within(service["port.number"], *PORTS)
        yield from check_port_reference(service["port.name"])


def _host(host: Place) -> Iterator[Finding]:
    text = host.text
    if not text:
        return
    try:
        ipaddress.ip_address(text)
    except ValueError:
        yield from matching(host, _HOST, "DNS name, with or without *. before it")
    else:
        yield host.wrong(f"{host.shown()} must be a DNS name, not an IP address")


def _policy(top: Place) -> Iterator[Finding]:
    spec = top["spec"]
    yield from check_selector(spec["podSelector"])
    for kind in spec["policyTypes"].each():
        yield from one_of(kind, ("Ingress", "Egress"))
    for direction, peers in (("ingress", "from"), ("egress", "to")):
        for rule in spec[direction].each():
            for port in rule["ports"].each():
                yield from _policy_port(port)
            for peer in rule[peers].each():
                yield from _peer(peer)


def _policy_port(port: Place) -> Iterator[Finding]:
    yield from one_of(port["protocol"], PROTOCOLS)
    yield from check_port_reference(port["port"])
    yield from within(port["endPort"], *PORTS)
    first, last = port["port"], port["endPort"]
    if last.number is not None and first.number is not None and last.number < first.number:
        yield last.wrong("must be greater than or equal to `port`")
    if last.present and (first.text is not None or not first.present):
        yield last.wrong("may not be specified when `port` is no number")


def _peer(peer: Place) -> Iterator[Finding]:
    block = peer["ipBlock"]
    if peer.value == {}:
        yield peer.wrong("must specify a peer")
    if block.present and (peer["podSelector"].present or peer["namespaceSelector"].present):
        yield peer.wrong("may not specify both ipBlock and another peer")
    yield from check_selector(peer["podSelector"])
    yield from check_selector(peer["namespaceSelector"])
    if not block.present:
        return
    yield from required(block["cidr"])
    problems = list(_range(block["cidr"]))
    yield from problems
    for excepted in block["except"].each():
        wrong = list(_range(excepted))
        yield from wrong
        if not problems and not wrong and not _inside(excepted.text, block["cidr"].text):
            yield excepted.wrong("must be a strict subset of `cidr`")


def _inside(inner: str | None, outer: str | None) -> bool:
    if inner is None or outer is None:
        return True
    small, large = ipaddress.ip_network(inner, strict=False), ipaddress.ip_network(outer, strict=False)
    both: Any = (small, large)
    return small.version == large.version and small != large and both[0].subnet_of(both[1])


def _range(place: Place) -> Iterator[Finding]:
    if place.text is not None:
        try:
            ipaddress.ip_network(place.text, strict=False)
        except ValueError:
            yield place.wrong(f"{place.shown()} is no range in CIDR notation")
        else:
            if "/" not in place.text:
                yield place.wrong(f"{place.shown()} is no range in CIDR notation")


def _address(place: Place) -> Iterator[Finding]:
    if place.text is not None:
        try:
            ipaddress.ip_address(place.text)
        except ValueError:
            yield place.wrong(f"{place.shown()} is no IP address")


_CHECKS: Final[dict[str, Callable[[Place], Iterator[Finding]]]] = {
    "Service": _service,
    "Ingress": _ingress,
    "NetworkPolicy": _policy,
}
