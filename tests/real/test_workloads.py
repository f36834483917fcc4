"""What becomes of pods and of what makes them."""

import pytest

from tests.real.cluster import Namespace, is_ready, pod, template, waiting


def test_all_pods_of_a_deployment_become_ready_at_addresses_of_their_own(namespace: Namespace):
    namespace.create("deployments", "web", {"spec": {"replicas": 10, **template()}})

    found = namespace.wait("deployments", "web", lambda item: item["status"].get("readyReplicas") == 10)

    assert found["status"]["availableReplicas"] == 10
    assert len({item["status"]["podIP"] for item in namespace.list("pods")}) == 10
    assert {item["status"]["phase"] for item in namespace.list("pods")} == {"Running"}


def test_init_containers_have_run_and_sidecars_go_on(namespace: Namespace):
    inits = [
        {"name": "migrate", "image": "registry.test/migrate"},
        {"name": "proxy", "image": "registry.test/proxy", "restartPolicy": "Always"},
    ]
    namespace.create("pods", "app", pod(initContainers=inits))

    found = namespace.wait("pods", "app", is_ready)

    migrate, proxy = found["status"]["initContainerStatuses"]
    assert migrate["state"]["terminated"]["reason"] == "Completed"
    assert list(proxy["state"]) == ["running"]
    assert proxy["started"] is True


def test_readiness_gates_open(namespace: Namespace):
    namespace.create("pods", "app", pod(readinessGates=[{"conditionType": "example.test/ready"}]))

    found = namespace.wait("pods", "app", is_ready)

    conditions = {item["type"]: item["status"] for item in found["status"]["conditions"]}
    assert conditions["example.test/ready"] == "True"


def test_a_daemon_set_runs_on_each_node_under_its_address(namespace: Namespace, nodes: list[str]):
    namespace.create("daemonsets", "agent", {"spec": template(hostNetwork=True)})

    namespace.wait("daemonsets", "agent", lambda item: item["status"].get("numberReady", 0) >= len(nodes))

    pods = {item["spec"]["nodeName"]: item["status"] for item in namespace.list("pods")}
    assert set(nodes) <= set(pods)
    assert all(status["podIP"] == status["hostIP"] for status in pods.values())


def test_a_job_completes_with_its_sidecars(namespace: Namespace):
    sidecar = {"name": "proxy", "image": "registry.test/proxy", "restartPolicy": "Always"}
    spec = {"completions": 2, "template": pod(restartPolicy="Never", initContainers=[sidecar])}
    namespace.create("jobs", "once", {"spec": spec})

    found = namespace.wait("jobs", "once", lambda item: "completionTime" in item["status"])

    assert found["status"]["succeeded"] == 2
    assert {item["status"]["phase"] for item in namespace.list("pods")} == {"Succeeded"}


@pytest.mark.slow
def test_a_cron_job_makes_jobs(namespace: Namespace):
    """Each minute: no schedule is shorter."""
    job = {"template": pod(restartPolicy="OnFailure")}
    namespace.create("cronjobs", "often", {"spec": {"schedule": "* * * * *", "jobTemplate": {"spec": job}}})

    namespace.wait("cronjobs", "often", lambda item: item["status"].get("lastSuccessfulTime"))

    assert {item["metadata"]["ownerReferences"][0]["name"] for item in namespace.list("jobs")} == {"often"}


def test_a_pod_goes_within_its_grace_and_its_deployment_makes_another(namespace: Namespace):
    namespace.create("deployments", "web", {"spec": {"replicas": 1, **template()}})
    namespace.wait("deployments", "web", lambda item: item["status"].get("readyReplicas") == 1)
    [first] = namespace.list("pods")

    namespace.delete("pods", first["metadata"]["name"])

    namespace.wait_until_gone("pods", first["metadata"]["name"])
    namespace.wait("deployments", "web", lambda item: item["status"].get("readyReplicas") == 1)


def test_a_container_waits_for_its_secret_and_starts_once_it_has_its_key(namespace: Namespace):
    reference = {"secretKeyRef": {"name": "credentials", "key": "password"}}
    variable = {"name": "PASSWORD", "valueFrom": reference}
    containers = [
        {"name": "main", "image": "registry.test/app", "env": [variable]},
        {"name": "other", "image": "registry.test/other"},
    ]
    namespace.create("pods", "app", pod(*containers))

    found = namespace.wait("pods", "app", lambda item: waiting(item).get("main") == "CreateContainerConfigError")

    assert found["status"]["phase"] == "Pending"
    assert found["status"]["containerStatuses"][0]["state"]["waiting"]["message"] == 'secret "credentials" not found'
    assert waiting(found)["other"] == "ContainerCreating"
    namespace.create("secrets", "credentials", {"stringData": {"user": "app"}})
    wanted = f"couldn't find key password in Secret {namespace.name}/credentials"
    namespace.wait("pods", "app", lambda item: wanted in str(item["status"]["containerStatuses"]))
    namespace.patch("secrets", "credentials", {"stringData": {"password": "p"}})
    namespace.wait("pods", "app", is_ready)
    assert ("Failed", 'Error: secret "credentials" not found') in namespace.warnings("app")


def test_a_pod_waits_for_a_config_map_that_it_mounts(namespace: Namespace):
    volume = {"name": "settings", "configMap": {"name": "settings"}}
    namespace.create("pods", "app", pod(volumes=[volume]))

    namespace.wait("pods", "app", lambda item: waiting(item) == {"main": "ContainerCreating"})

    message = 'MountVolume.SetUp failed for volume "settings" : configmap "settings" not found'
    namespace.wait("pods", "app", lambda _: ("FailedMount", message) in namespace.warnings("app"))
    namespace.create("configmaps", "settings", {"data": {"a": "b"}})
    namespace.wait("pods", "app", is_ready)


def test_what_is_optional_is_not_waited_for(namespace: Namespace):
    volume = {"name": "settings", "configMap": {"name": "settings", "optional": True}}
    container = {
        "name": "main",
        "image": "registry.test/app",
        "envFrom": [{"secretRef": {"name": "absent", "optional": True}}],
    }
    namespace.create("pods", "app", pod(container, volumes=[volume]))

    found = namespace.wait("pods", "app", is_ready)

    assert namespace.warnings(found["metadata"]["name"]) == set()


def test_a_missing_pull_secret_only_warns(namespace: Namespace):
    namespace.create("pods", "app", pod(imagePullSecrets=[{"name": "registry"}]))

    namespace.wait("pods", "app", is_ready)

    message = "Unable to retrieve some image pull secrets (registry); attempting to pull the image may not succeed."
    assert ("FailedToRetrieveImagePullSecret", message) in namespace.warnings("app")
