"""The gateway's pods: what they listen on, how many there are, how they come and go, and whom they believe."""

from dataclasses import replace
from typing import Any

import pytest

from components.data.connections import SecretKey
from components.platform.gateway_config import Gateway, Route, Service
from components.platform.gateway_plugins import Counters, Plugin
from components.platform.kong_listeners import listeners
from components.platform.kong_values import COUNTERS_PASSWORD, KongPods, kong_values
from components.platform.rate_counters import COUNTERS, counted
from stacks.gateway import GatewaySettings
from stacks.problems import SettingsError
from stacks.settings import parse

ONE = GatewaySettings(min_replicas=1, max_replicas=1)
SEVERAL = GatewaySettings(min_replicas=2, max_replicas=6)
PODS = KongPods(
    configuration="kong-0",
    credentials="",
    settings=ONE,
    load_balancer=None,
    certified=False,
    counters_password=None,
    large=False,
)


def values(**changes: Any) -> dict[str, Any]:
    return kong_values(replace(PODS, **changes))


def test_one_load_balancer_serves_http_tls_and_grpc_and_keeps_the_clients_address():
    h2c = {"containerPort": 9080, "servicePort": 9080, "protocol": "TCP"}

    assert values(load_balancer={"cloud/annotation": "value"})["proxy"] == {
        "type": "LoadBalancer",
        "annotations": {"cloud/annotation": "value"},
        "externalTrafficPolicy": "Local",
        "labels": {"enable-metrics": "true"},
        "stream": [h2c],
    }
    assert values()["proxy"] == {"type": "ClusterIP", "labels": {"enable-metrics": "true"}, "stream": [h2c]}


def test_the_port_of_grpc_without_tls_is_one_of_http_2_and_no_stream_of_bytes():
    told_apart = [one.removesuffix(" so_keepalive=60s:20s:3") for one in listeners().split(", ")]
    assert told_apart == [
        "0.0.0.0:8000",
        "[::]:8000",
        "0.0.0.0:8443 http2 ssl",
        "[::]:8443 http2 ssl",
        "0.0.0.0:9080 http2",
        "[::]:9080 http2",
    ]
    told = values()["env"]
    assert (told["proxy_listen"], told["stream_listen"]) == (listeners(), "off")
    assert told["port_maps"] == "80:8000, 443:8443, 9080:9080"


def test_clients_that_are_silent_are_asked_before_any_load_balancer_forgets_them():
    assert {one.rpartition(" ")[2] for one in listeners().split(", ")} == {"so_keepalive=60s:20s:3"}


def test_the_certificate_is_that_of_the_secret_and_another_one_brings_other_pods():
    certified = values(certified=True)

    assert certified["secretVolumes"] == ["gateway-tls"]
    assert certified["env"]["ssl_cert"] == "/etc/secrets/gateway-tls/tls.crt"
    assert certified["env"]["ssl_cert_key"] == "/etc/secrets/gateway-tls/tls.key"
    assert certified["deploymentAnnotations"] == {"secret.reloader.stakater.com/reload": "gateway-tls"}
    assert (values()["secretVolumes"], values()["deploymentAnnotations"]) == ([], {})
    assert "ssl_cert" not in values()["env"]


def test_a_password_of_the_counters_reaches_pods_by_the_name_of_a_secret_and_restarts_them():
    told = values(counters_password=SecretKey(name="kong-counters-users", key="default"))

    reference = {"valueFrom": {"secretKeyRef": {"name": "kong-counters-users", "key": "default"}}}
    assert told["customEnv"] == {COUNTERS_PASSWORD: reference}
    assert told["deploymentAnnotations"] == {"secret.reloader.stakater.com/reload": "kong-counters-users"}
    assert (
        Counters(
            host="kong-counters.gateway.svc",
            port=6379,
            username="default",
            password="{vault://env/rate-counters-password}",
        )
        == COUNTERS
    )


@pytest.mark.parametrize(
    ("policy", "shared"), [("redis", True), ("local", False)], ids=["counted together", "counted by each"]
)
def test_there_are_counters_where_a_limit_is_counted_in_them(policy: str, shared: bool):
    limit = Plugin(name="rate-limiting", config={"minute": 1, "policy": policy})
    route = Route(name="todo", hosts=["todo.acme.example"], plugins=[limit])

    assert counted(Gateway(services=[Service(name="todo", host="todo", port=80, routes=[route])])) is shared
    assert counted(Gateway(plugins=[limit])) is shared


def test_one_pod_in_dev_and_several_that_outlive_each_other_elsewhere():
    dev, prod = values(), values(settings=SEVERAL)

    assert (dev["replicaCount"], dev["podDisruptionBudget"]) == (1, {"enabled": False})
    assert dev["autoscaling"]["enabled"] is False
    assert (prod["replicaCount"], prod["podDisruptionBudget"]) == (2, {"enabled": True, "maxUnavailable": 1})
    target = {"type": "Utilization", "averageUtilization": 75}
    assert prod["autoscaling"] == {
        "enabled": True,
        "minReplicas": 2,
        "maxReplicas": 6,
        "metrics": [{"type": "Resource", "resource": {"name": "cpu", "target": target}}],
    }
    assert [one["topologyKey"] for one in prod["topologySpreadConstraints"]] == [
        "topology.kubernetes.io/zone",
        "kubernetes.io/hostname",
    ]
    assert prod["updateStrategy"] == {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}}


def test_a_pod_goes_on_answering_until_the_load_balancer_has_forgotten_it():
    told = values()

    assert told["lifecycle"]["preStop"]["exec"]["command"] == ["kong", "quit", "--wait=30", "--timeout=60"]
    assert told["terminationGracePeriodSeconds"] == 95


def test_addresses_of_pods_are_asked_for_often_and_never_with_weights_and_ports_of_others():
    told = values()["env"]

    assert (told["dns_order"], told["dns_valid_ttl"], told["dns_not_found_ttl"]) == ("LAST,A,CNAME", "5", "5")


def test_nobody_is_believed_about_the_clients_address_but_whom_the_stack_names():
    named = values(settings=GatewaySettings(min_replicas=1, max_replicas=1, trusted_proxies=("203.0.113.0/24",)))

    assert "trusted_ips" not in values()["env"]
    assert named["env"]["trusted_ips"] == "203.0.113.0/24"
    assert (named["env"]["real_ip_header"], named["env"]["real_ip_recursive"]) == ("X-Forwarded-For", "on")


def test_a_body_of_the_largest_size_fits_on_the_disk_of_a_pod_several_times():
    large = values(settings=GatewaySettings(min_replicas=1, max_replicas=1, max_body_mib=512))

    assert values()["env"]["nginx_http_client_max_body_size"] == "32m"
    assert values()["deployment"] == {"prefixDir": {"sizeLimit": "1024Mi"}}
    assert large["env"]["nginx_http_client_max_body_size"] == "512m"
    assert large["deployment"] == {"prefixDir": {"sizeLimit": "4096Mi"}}


def test_a_stack_has_no_fewer_pods_at_most_than_at_least():
    stack = {"cloud": "local", "environment": "dev", "domain": "dev.acme.example"}

    with pytest.raises(SettingsError) as refused:
        parse({**stack, "gateway": {"min_replicas": 3}})
    assert "gateway.max_replicas: expected at least min_replicas (3)" in refused.value.problems
