"""Load balancers get addresses, and keep them."""

import ipaddress
import secrets

from tests.real.cluster import Namespace, Object

PORTS = [{"port": 80}]


def address(item: Object) -> str:
    [entry] = item["status"]["loadBalancer"].get("ingress") or [{"ip": ""}]
    return entry["ip"]


def balanced(**annotations: str) -> Object:
    return {"metadata": {"annotations": annotations}, "spec": {"type": "LoadBalancer", "ports": PORTS}}


def test_a_load_balancer_gets_a_public_address_and_keeps_it(namespace: Namespace):
    namespace.create("services", "web", balanced())
    first = address(namespace.wait("services", "web", address))

    namespace.patch("services", "web", {"metadata": {"labels": {"a": "b"}}, "spec": {"ports": [{"port": 81}]}})
    namespace.create("services", "other", balanced())
    other = address(namespace.wait("services", "other", address))

    assert ipaddress.ip_address(first) in ipaddress.ip_network("203.0.113.0/24")
    assert address(namespace.wait("services", "web", address)) == first
    assert other != first


def test_an_internal_load_balancer_gets_a_private_address(namespace: Namespace):
    annotation = {"service.beta.kubernetes.io/azure-load-balancer-internal": "true"}
    namespace.create("services", "web", balanced(**annotation))

    found = address(namespace.wait("services", "web", address))

    assert ipaddress.ip_address(found) in ipaddress.ip_network("10.255.0.0/16")


def test_a_service_that_is_balanced_no_more_gives_its_address_back(namespace: Namespace):
    namespace.create("services", "web", balanced())
    namespace.wait("services", "web", address)

    namespace.patch("services", "web", {"spec": {"type": "ClusterIP"}})

    namespace.wait("services", "web", lambda item: not address(item))


def test_an_ingress_gets_an_address_once_its_class_is_served(namespace: Namespace, everywhere: Namespace):
    name = f"ingress-{secrets.token_hex(4)}"
    backend = {"service": {"name": "web", "port": {"number": 80}}}
    namespace.create("ingresses", "web", {"spec": {"ingressClassName": name, "defaultBackend": backend}})

    everywhere.create("ingressclasses", name, {"spec": {"controller": "example.test/ingress"}})

    assert address(namespace.wait("ingresses", "web", address))
