"""Weaviate for one workload: closed to everybody without its key, fit for a restricted namespace, and scraped."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from contract_check.check import check_resource

from components.data.sizes import SIZES
from components.data.transformers import Transformers, address, memory_mib
from components.data.weaviate import Weaviate, weaviate_values
from tests.mock_engine import Deployed
from tests.unit.components.bare_platform import Prerequisite
from tests.unit.components.data.data_arguments import data_arguments

RELEASE = "kubernetes:helm.sh/v3:Release"
SECRET = "kubernetes:core/v1:Secret"
DEPLOYMENT = "kubernetes:apps/v1:Deployment"
BUDGET = "kubernetes:policy/v1:PodDisruptionBudget"


@pytest.fixture
def weaviate(deploy: Callable[..., Deployed]) -> Callable[..., Deployed]:
    def build(**changes: Any) -> Deployed:
        def program() -> None:
            Weaviate("vectors", replace(data_arguments("Weaviate", Prerequisite("wait")), **changes))

        return deploy(program)

    return build


@pytest.fixture
def transformers(deploy: Callable[..., Deployed]) -> Callable[..., Deployed]:
    def build(**changes: Any) -> Deployed:
        def program() -> None:
            Transformers("t2v", replace(data_arguments("Transformers", Prerequisite("wait")), **changes))

        return deploy(program)

    return build


@pytest.fixture
def args() -> Any:
    return data_arguments("Weaviate", Prerequisite.__new__(Prerequisite))


def findings(deployed: Deployed) -> list[str]:
    return [str(found) for one in deployed.registrations.values() for found in check_resource(one.type, one.inputs)]


def test_the_chart_knows_every_value(weaviate: Callable[..., Deployed]):
    assert findings(weaviate()) == []
    assert findings(weaviate(vectorizer=None, high_availability=False)) == []


def test_a_value_that_the_chart_does_not_know_is_found(weaviate: Callable[..., Deployed]):
    release = weaviate().only(RELEASE)
    wrong = {**release.inputs, "values": {**release.inputs["values"], "grpcServise": {"enabled": True}}}

    (found,) = [str(one) for one in check_resource(release.type, wrong)]
    assert "grpcServise" in found


def test_nobody_reaches_it_from_outside_or_without_the_key(args: Any):
    values = weaviate_values(args)

    assert values["service"] == {
        "name": "vectors",
        "type": "ClusterIP",
        "ports": [{"name": "http", "protocol": "TCP", "port": 8080}],
    }
    assert values["grpcService"] == {
        "enabled": True,
        "name": "vectors-grpc",
        "type": "ClusterIP",
        "ports": [{"name": "grpc", "protocol": "TCP", "port": 50051}],
    }
    assert values["authentication"] == {"anonymous_access": {"enabled": False}, "oidc": {"enabled": False}}
    assert values["env"]["AUTHENTICATION_APIKEY_ENABLED"] is True
    assert values["envSecrets"] == {"AUTHENTICATION_APIKEY_ALLOWED_KEYS": "vectors-keys"}


def test_the_key_and_the_nodes_password_are_generated_and_in_no_value(weaviate: Callable[..., Deployed]):
    deployed = weaviate()

    secrets = {one.inputs["metadata"]["name"]: one.inputs for one in deployed.of_type(SECRET)}
    assert secrets["vectors-keys"]["stringData"] == {"AUTHENTICATION_APIKEY_ALLOWED_KEYS": "generated-password"}
    assert "generated-password" not in str(deployed.only(RELEASE).inputs)


def test_the_chart_finds_the_nodes_password_and_takes_it_over(weaviate: Callable[..., Deployed]):
    secrets = {one.inputs["metadata"]["name"]: one.inputs for one in weaviate().of_type(SECRET)}

    cluster = secrets["weaviate-cluster-api-basic-auth"]
    assert cluster["stringData"] == {"username": "nodes", "password": "generated-password"}
    assert cluster["metadata"]["labels"] == {"app.kubernetes.io/managed-by": "Helm"}
    assert cluster["metadata"]["annotations"] == {
        "meta.helm.sh/release-name": "vectors",
        "meta.helm.sh/release-namespace": "indexforge",
    }


def test_its_pods_are_fit_for_a_restricted_namespace(args: Any):
    values = weaviate_values(args)

    assert values["initContainers"] == {"sysctlInitContainer": {"enabled": False}}
    assert values["securityContext"]["runAsNonRoot"] is True
    assert values["containerSecurityContext"]["allowPrivilegeEscalation"] is False
    assert values["containerSecurityContext"]["capabilities"] == {"drop": ["ALL"]}


@pytest.mark.parametrize(("high_availability", "count"), [(True, 3), (False, 1)])
def test_each_node_has_all_objects(args: Any, high_availability: bool, count: int):
    values = weaviate_values(replace(args, high_availability=high_availability))

    assert (values["replicas"], values["env"]["REPLICATION_MINIMUM_FACTOR"]) == (count, count)
    # Of one node too: drains go on, and it comes up elsewhere.
    assert values["podDisruptionBudgets"]["weaviate"] == {"enabled": True, "spec": {"maxUnavailable": 1}}


def test_its_size_is_the_environments(args: Any):
    values = weaviate_values(replace(args, size=SIZES["dev"].weaviate))

    assert values["resources"] == {"requests": {"cpu": "100m", "memory": "512Mi"}, "limits": {"memory": "512Mi"}}
    assert values["storage"] == {"size": "5Gi", "storageClassName": "fast"}
    assert values["env"]["GOMEMLIMIT"] == "460MiB"


def test_it_is_scraped(args: Any):
    values = weaviate_values(args)

    assert (values["env"]["PROMETHEUS_MONITORING_ENABLED"], values["serviceMonitor"]["enabled"]) == (True, True)


def test_texts_become_vectors_where_there_is_an_inference_service(args: Any):
    assert weaviate_values(args)["modules"] == {
        "text2vec-transformers": {"enabled": False, "inferenceUrl": "http://t2v-transformers.indexforge.svc:8080"},
        "default_vectorizer_module": "text2vec-transformers",
    }
    assert weaviate_values(replace(args, vectorizer=None))["modules"] == {"default_vectorizer_module": "none"}


def test_the_inference_service_has_its_model_in_its_image_and_asks_nobody_for_it(
    transformers: Callable[..., Deployed],
):
    deployed = transformers()
    (container,) = deployed.only(DEPLOYMENT).inputs["spec"]["template"]["spec"]["containers"]
    environment = {one["name"]: one["value"] for one in container["env"]}

    assert container["image"] == (
        "cr.weaviate.io/semitechnologies/transformers-inference:sentence-transformers-multi-qa-MiniLM-L6-cos-v1-1.13.2"
    )
    assert (environment["HF_HUB_OFFLINE"], environment["OMP_NUM_THREADS"]) == ("1", "2")
    assert container["readinessProbe"]["httpGet"] == {"path": "/.well-known/ready", "port": "http"}
    assert container["resources"] == {"requests": {"cpu": "500m", "memory": "768Mi"}, "limits": {"memory": "768Mi"}}
    assert findings(deployed) == []


def test_a_larger_model_gets_more_memory():
    assert memory_mib("sentence-transformers-all-mpnet-base-v2") == 1408
    assert memory_mib("mixedbread-ai-mxbai-embed-large-v1") == 3200


def test_one_inference_pod_may_be_moved_at_a_time(transformers: Callable[..., Deployed]):
    for replicas in (1, 2):
        assert transformers(replicas=replicas).only(BUDGET).inputs["spec"]["maxUnavailable"] == 1


def test_the_inference_service_answers_at_one_address_of_its_namespace():
    assert address("indexforge") == "http://t2v-transformers.indexforge.svc:8080"
