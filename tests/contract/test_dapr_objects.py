"""Dapr's other kinds against what sidecars make of them, and the annotations that ask for one."""

from typing import Any

import pytest

PREFIX = "kubernetes:dapr.io/v1alpha1:"


def obj(kind: str, spec: dict[str, Any], version: str = "v1alpha1") -> dict[str, Any]:
    return {
        "apiVersion": f"dapr.io/{version}",
        "kind": kind,
        "metadata": {"name": "a", "namespace": "todo"},
        "spec": spec,
    }


ACCESS = {
    "defaultAction": "deny",
    "trustDomain": "groundwork",
    "policies": [{"appId": "a", "namespace": "todo", "trustDomain": "groundwork", "defaultAction": "allow"}],
}


@pytest.mark.parametrize(
    ("spec", "finding"),
    [
        ({"accessControl": ACCESS}, None),
        (
            {"accessControl": {**ACCESS, "defaultAction": "forbid"}},
            'spec.accessControl.defaultAction: "forbid" is not one of allow, deny',
        ),
        (
            {"accessControl": {"policies": [{"appId": "a", "namespace": "todo"}]}},
            "spec.accessControl.policies[0].trustDomain: without the trustDomain of the caller sidecars do not start",
        ),
        (
            {"accessControl": {**ACCESS, "policies": ACCESS["policies"] * 2}},
            "spec.accessControl.policies[1]: todo/a has a policy already",
        ),
        (
            {
                "accessControl": {
                    **ACCESS,
                    "policies": [
                        {
                            **ACCESS["policies"][0],
                            "operations": [{"name": "/a", "action": "allow", "httpVerb": ["get"]}],
                        }
                    ],
                }
            },
            'spec.accessControl.policies[0].operations[0].httpVerb[0]: "get" is not one of',
        ),
        ({"tracing": {"samplingRate": "2"}}, 'spec.tracing.samplingRate: "2" is no share from 0 to 1'),
        (
            {
                "tracing": {
                    "samplingRate": "1",
                    "otel": {"endpointAddress": "http://otel:4317", "protocol": "grpc", "isSecure": False},
                }
            },
            'spec.tracing.otel.endpointAddress: "http://otel:4317" is no host:port',
        ),
        (
            {
                "tracing": {
                    "samplingRate": "1",
                    "otel": {"endpointAddress": "a:1", "protocol": "udp", "isSecure": False},
                }
            },
            'spec.tracing.otel.protocol: "udp" is not one of http, grpc',
        ),
        (
            {"metrics": {"enabled": True, "latencyDistributionBuckets": [5, 10, 10]}},
            "spec.metrics.latencyDistributionBuckets[2]: 10 does not come after 10",
        ),
        (
            {"metrics": {"enabled": True, "http": {"pathMatching": ["orders"]}}},
            'spec.metrics.http.pathMatching[0]: "orders" is no path',
        ),
        (
            {"secrets": {"scopes": [{"storeName": "a"}, {"storeName": "a"}]}},
            'spec.secrets.scopes[1].storeName: "a" is at spec.secrets.scopes[0].storeName already',
        ),
        (
            {"httpPipeline": {"handlers": [{"name": "a", "type": "bearer"}]}},
            'spec.httpPipeline.handlers[0].type: "bearer" is no handler',
        ),
        (
            {"api": {"allowed": [{"name": "invoke", "version": "v1.0"}]}},
            "spec.api.allowed[0].protocol: a rule without a protocol holds for nothing",
        ),
    ],
)
def test_a_configuration_that_a_sidecar_would_not_follow_is_reported(report, spec, finding):
    found = report(f"{PREFIX}Configuration", obj("Configuration", spec))

    if finding is None:
        assert found == []
    else:
        assert any(line.startswith(finding) for line in found), found


def resiliency(policies: dict[str, Any], **targets: Any) -> dict[str, Any]:
    return obj("Resiliency", {"policies": policies, "targets": targets})


@pytest.mark.parametrize(
    ("inputs", "finding"),
    [
        (
            resiliency(
                {
                    "timeouts": {"t": "5s"},
                    "retries": {"r": {"policy": "exponential", "maxRetries": -1}},
                    "circuitBreakers": {"c": {"trip": "consecutiveFailures >= 5", "maxRequests": 1}},
                },
                apps={"a": {"timeout": "t", "retry": "r", "circuitBreaker": "c"}},
            ),
            None,
        ),
        (
            resiliency({"timeouts": {"fast": "1s"}}, apps={"a": {"timeout": "fest"}}),
            'spec.targets.apps.a.timeout: "fest" is none of the timeouts; did you mean "fast"?',
        ),
        (
            resiliency({}, components={"state": {"outbound": {"circuitBreaker": "c"}}}),
            'spec.targets.components.state.outbound.circuitBreaker: "c" is none of the circuitBreakers',
        ),
        (
            resiliency({"circuitBreakers": {"c": {}}}, actors={"Order": {"circuitBreaker": "c"}}),
            "spec.targets.actors.Order.circuitBreakerScope: a circuit breaker of actors needs its scope",
        ),
        (resiliency({"timeouts": {"t": "five"}}), 'spec.policies.timeouts.t: "five" is no duration'),
        (
            resiliency({"retries": {"r": {"policy": "linear"}}}),
            'spec.policies.retries.r.policy: "linear" is not one of',
        ),
        (resiliency({"retries": {"r": {"maxRetries": -2}}}), "spec.policies.retries.r.maxRetries: -2 is below"),
        (
            resiliency({"retries": {"r": {"matching": {"httpStatusCodes": "500, 502"}}}}),
            'spec.policies.retries.r.matching.httpStatusCodes: " 502" is no code from 100 to 599',
        ),
        (
            resiliency({"retries": {"r": {"matching": {"gRPCStatusCodes": "14-4"}}}}),
            'spec.policies.retries.r.matching.gRPCStatusCodes: "14-4" is no code from 0 to 16',
        ),
        (
            resiliency({"circuitBreakers": {"c": {"trip": "consecutiveFailure > 5"}}}),
            "spec.policies.circuitBreakers.c.trip: does not compile",
        ),
        (
            resiliency({"circuitBreakers": {"c": {"maxRequests": 0}}}),
            "spec.policies.circuitBreakers.c.maxRequests: 0 is below the minimum of 1",
        ),
    ],
)
def test_policies_that_would_never_act_are_reported(report, inputs, finding):
    found = report(f"{PREFIX}Resiliency", inputs)

    if finding is None:
        assert found == []
    else:
        assert any(line.startswith(finding) for line in found), found


@pytest.mark.parametrize(
    ("changes", "finding"),
    [
        ({}, None),
        ({"topic": ""}, "spec.topic: it is empty"),
        ({"routes": {}}, "spec.routes: a subscription without a default and without rules drops every message"),
        (
            {"routes": {"rules": [{"match": "event.type == ", "path": "/a"}]}},
            "spec.routes.rules[0].match: does not compile",
        ),
        (
            {"deadLetterTopic": "tasks"},
            "spec.deadLetterTopic: messages that cannot be handled would come again for ever",
        ),
        (
            {"bulkSubscribe": {"enabled": True, "maxMessagesCount": 0}},
            "spec.bulkSubscribe.maxMessagesCount: 0 is below",
        ),
    ],
)
def test_a_subscription_that_takes_no_message_is_reported(report, changes, finding):
    spec = {"pubsubname": "pubsub", "topic": "tasks", "routes": {"default": "/tasks"}, **changes}
    found = report("kubernetes:dapr.io/v2alpha1:Subscription", obj("Subscription", spec, "v2alpha1"))

    if finding is None:
        assert found == []
    else:
        assert any(line.startswith(finding) for line in found), found


@pytest.mark.parametrize(
    ("annotations", "finding"),
    [
        ({"dapr.io/enabled": "true", "dapr.io/app-id": "a", "dapr.io/app-port": "8080"}, None),
        ({"prometheus.io/scrape": "perhaps"}, None),
        ({"dapr.io/app_port": "80"}, 'Dapr knows no annotation dapr.io/app_port; did you mean "dapr.io/app-port"?'),
        ({"dapr.io/app-port": "http"}, '"http" is no number'),
        ({"dapr.io/log-as-json": "json"}, '"json" is neither true nor false'),
        ({"dapr.io/app-protocol": "tcp"}, '"tcp" is not one of http, grpc, https, grpcs, h2c'),
        ({"dapr.io/sidecar-memory-limit": "much"}, '"much" is no quantity'),
        ({"dapr.io/enabled": "true"}, "without dapr.io/app-id each pod is an application by itself"),
    ],
)
def test_an_annotation_that_the_injector_would_ignore_is_reported(report, annotations, finding):
    inputs = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "a", "annotations": annotations},
        "spec": {"containers": [{"name": "a", "image": "a:1"}]},
    }
    found = report("kubernetes:core/v1:Pod", inputs)

    if finding is None:
        assert found == []
    else:
        assert finding in found[0]
