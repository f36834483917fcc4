"""What the API server of a rehearsed cluster refuses, and what it makes of objects."""

from typing import Any

import pytest

from rehearsal.providers.wire import UNKNOWN, Secret
from tests.unit.rehearsal.providers.fake_engine import Refused, State
from tests.unit.rehearsal.providers.rehearsed_cluster import (
    CONFIG_MAP,
    DEFINITION,
    DEPLOYMENT,
    NAMESPACE,
    SECRET,
    RehearsedCluster,
    workload,
)

CLAIM = "kubernetes:core/v1:PersistentVolumeClaim"
STATEFUL_SET = "kubernetes:apps/v1:StatefulSet"
MONITOR = "kubernetes:monitoring.coreos.com/v1:ServiceMonitor"
ACCOUNT = "kubernetes:core/v1:ServiceAccount"


def test_an_object_needs_its_namespace(cluster: RehearsedCluster) -> None:
    with pytest.raises(Refused, match='namespaces "apps" not found'):
        cluster.secret()

    cluster.namespace()
    assert cluster.secret().id == "apps/token"


@pytest.mark.parametrize("name", ["default", "kube-system"])
def test_a_new_cluster_has_namespaces(cluster: RehearsedCluster, name: str) -> None:
    assert cluster.secret(namespace=name).id == f"{name}/token"
    with pytest.raises(Refused, match=f'namespaces "{name}" already exists'):
        cluster.namespace(name)


def test_a_namespace_of_the_cluster_itself_may_not_be_deleted(cluster: RehearsedCluster) -> None:
    cluster.namespace("extra")
    row = cluster.inventory.get(NAMESPACE, "extra", cluster.account)
    assert row is not None
    cluster.inventory.put(type(row)(**{**row.__dict__, "id": "kube-system", "name": "kube-system"}))

    with pytest.raises(Refused, match='namespaces "kube-system" is forbidden'):
        cluster.engine.delete(State(NAMESPACE, "kube-system", "kube-system", {}, {}))


def test_names_are_unique_by_kind_and_namespace(cluster: RehearsedCluster) -> None:
    cluster.namespace("one")
    cluster.namespace("two")
    cluster.secret(namespace="one")
    cluster.secret(namespace="two")
    cluster.engine.create(CONFIG_MAP, "token", metadata={"name": "token", "namespace": "one"})

    with pytest.raises(Refused, match='secrets "token" already exists'):
        cluster.secret(namespace="one")


def test_a_namespace_takes_its_objects_along(cluster: RehearsedCluster) -> None:
    namespace, secret = cluster.namespace(), cluster.secret(namespace="default")
    inside = cluster.secret()
    cluster.engine.delete(namespace)

    assert cluster.engine.read(inside).id == ""
    assert cluster.engine.read(secret).id == "default/token"


def test_an_object_without_a_namespace_goes_to_that_of_the_provider(cluster: RehearsedCluster) -> None:
    assert cluster.engine.create(CONFIG_MAP, "c", metadata={"name": "c"}).id == "default/c"


def test_an_object_without_a_name_gets_one_of_eight_digits(cluster: RehearsedCluster) -> None:
    made = cluster.engine.create(CONFIG_MAP, "settings", data={"a": "1"})

    name = made["metadata"]["name"]
    assert name.startswith("settings-")
    assert len(name) == len("settings-") + 8
    assert made["metadata"]["annotations"] == {"pulumi.com/autonamed": "true"}
    plan = cluster.engine.diff(made, data={"a": "2"})
    assert (plan.replaces, plan.delete_before_replace) == (["data.a"], False)


@pytest.mark.parametrize(
    ("setting", "kind", "replaced"),
    [
        ({}, CONFIG_MAP, ["data.a"]),
        ({"enableConfigMapMutable": "true"}, CONFIG_MAP, []),
        ({}, SECRET, ["data.a"]),
        ({"enableSecretMutable": True}, SECRET, []),
    ],
)
def test_data_is_fixed_unless_the_provider_says_otherwise(
    cluster: RehearsedCluster, setting: dict[str, Any], kind: str, replaced: list[str]
) -> None:
    meta = {"name": "x", "namespace": "default"}
    made = cluster.engine.create(kind, "x", metadata=meta, data={"a": "MQ=="})
    cluster.engine.configure({"context": "any", **setting})

    plan = cluster.engine.diff(made, metadata=meta, data={"a": "Mg=="})

    assert plan.replaces == replaced
    assert plan.delete_before_replace is bool(replaced)


def test_a_selector_replaces_a_deployment(cluster: RehearsedCluster) -> None:
    made = cluster.deployment(namespace="default")
    other = workload("web", "default")
    other["spec"]["selector"]["matchLabels"] = other["spec"]["template"]["metadata"]["labels"] = {"app": "other"}

    assert cluster.engine.diff(made, **other).replaces == ["spec.selector.matchLabels.app"]


def test_a_selector_that_misses_its_own_pods_is_refused(cluster: RehearsedCluster) -> None:
    inputs = workload("web", "default")
    inputs["spec"]["selector"] = {"matchLabels": {"app": "other"}}

    with pytest.raises(Refused, match="`selector` does not match template `labels`"):
        cluster.engine.create(DEPLOYMENT, "web", **inputs)


@pytest.mark.parametrize(
    ("pod", "why"),
    [
        (
            {
                "containers": [
                    {"name": "c", "env": [{"name": "A", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}]}
                ]
            },
            'secret "s"',
        ),
        (
            {
                "containers": [
                    {"name": "c", "env": [{"name": "A", "valueFrom": {"configMapKeyRef": {"name": "m", "key": "k"}}}]}
                ]
            },
            'configmap "m"',
        ),
        ({"containers": [{"name": "c", "envFrom": [{"secretRef": {"name": "s"}}]}]}, 'secret "s"'),
        ({"containers": [{"name": "c", "envFrom": [{"configMapRef": {"name": "m"}}]}]}, 'configmap "m"'),
        ({"initContainers": [{"name": "c", "envFrom": [{"secretRef": {"name": "s"}}]}]}, 'secret "s"'),
        ({"volumes": [{"name": "v", "secret": {"secretName": "s"}}]}, 'secret "s"'),
        ({"volumes": [{"name": "v", "configMap": {"name": "m"}}]}, 'configmap "m"'),
        ({"volumes": [{"name": "v", "persistentVolumeClaim": {"claimName": "p"}}]}, 'persistentvolumeclaim "p"'),
        ({"serviceAccountName": "runner"}, 'serviceaccount "runner"'),
    ],
)
def test_a_pod_that_misses_something_never_becomes_ready(
    cluster: RehearsedCluster, pod: dict[str, Any], why: str
) -> None:
    with pytest.raises(Refused, match=f"Deployment default/web never became ready: {why} not found") as refused:
        cluster.deployment(namespace="default", **pod)

    assert refused.value.details.id == "default/web"
    assert cluster.inventory.get(DEPLOYMENT, "default/web", cluster.account) is not None


def test_a_pod_may_do_without_what_is_optional(cluster: RehearsedCluster) -> None:
    pod = {"volumes": [{"name": "v", "secret": {"secretName": "s", "optional": True}}]}
    reference = {"secretRef": {"name": "s", "optional": True}}

    cluster.deployment("one", "default", **pod)
    cluster.deployment("two", "default", containers=[{"name": "c", "envFrom": [reference]}])


def test_what_a_pod_needs_lies_in_its_own_namespace(cluster: RehearsedCluster) -> None:
    cluster.namespace()
    cluster.secret("s", "apps")

    with pytest.raises(Refused, match='secret "s" not found'):
        cluster.deployment(namespace="default", volumes=[{"name": "v", "secret": {"secretName": "s"}}])
    assert cluster.deployment(volumes=[{"name": "v", "secret": {"secretName": "s"}}]).id == "apps/web"


def test_the_default_account_and_the_authority_are_in_every_namespace(cluster: RehearsedCluster) -> None:
    pod = {"serviceAccountName": "default", "volumes": [{"name": "ca", "configMap": {"name": "kube-root-ca.crt"}}]}

    assert cluster.deployment(namespace="default", **pod).id == "default/web"


def test_nobody_waits_for_an_object_that_asks_not_to(cluster: RehearsedCluster) -> None:
    inputs = workload("web", "default", serviceAccountName="runner")
    inputs["metadata"]["annotations"] = {"pulumi.com/skipAwait": "true"}

    assert cluster.engine.create(DEPLOYMENT, "web", **inputs).id == "default/web"


def test_pods_need_nodes(bare_cluster: RehearsedCluster) -> None:
    with pytest.raises(Refused, match="0/0 nodes are available"):
        bare_cluster.deployment(namespace="default")


def test_a_daemon_set_is_ready_without_nodes(bare_cluster: RehearsedCluster) -> None:
    inputs = workload("agent", "default")

    assert bare_cluster.engine.create("kubernetes:apps/v1:DaemonSet", "agent", **inputs).id == "default/agent"


def test_the_first_pool_counts_where_it_is_kept(bare_cluster: RehearsedCluster) -> None:
    cluster_type, cluster_id = bare_cluster.control_plane.type, bare_cluster.control_plane.id
    bare_cluster.inventory.drift(cluster_type, cluster_id, {"removeDefaultNodePool": False})

    assert bare_cluster.deployment(namespace="default").id == "default/web"


def test_a_pod_of_a_missing_account_is_refused(cluster: RehearsedCluster) -> None:
    pod = {
        "metadata": {"name": "p", "namespace": "default"},
        "spec": {"serviceAccountName": "runner", "containers": []},
    }

    with pytest.raises(Refused, match='pods "p" is forbidden: error looking up service account default/runner'):
        cluster.engine.create("kubernetes:core/v1:Pod", "p", **pod)


def test_a_priority_class_has_to_exist(cluster: RehearsedCluster) -> None:
    with pytest.raises(Refused, match="no PriorityClass with name urgent was found"):
        cluster.deployment(namespace="default", priorityClassName="urgent")
    assert cluster.deployment("a", "default", priorityClassName="system-cluster-critical").id == "default/a"

    cluster.engine.create("kubernetes:scheduling.k8s.io/v1:PriorityClass", "u", metadata={"name": "urgent"}, value=1)
    assert cluster.deployment("b", "default", priorityClassName="urgent").id == "default/b"


def test_a_claim_needs_its_storage_class(cluster: RehearsedCluster) -> None:
    def claim(name: str, storage_class: str) -> State:
        spec = {"storageClassName": storage_class, "resources": {"requests": {"storage": "1Gi"}}}
        return cluster.engine.create(CLAIM, name, metadata={"name": name, "namespace": "default"}, spec=spec)

    with pytest.raises(Refused, match=r'storageclass.storage.k8s.io "managed-csi" not found'):
        claim("azure", "managed-csi")
    assert claim("google", "premium-rwo").id == "default/google"
    cluster.engine.create(
        "kubernetes:storage.k8s.io/v1:StorageClass", "fast", metadata={"name": "fast"}, provisioner="x"
    )
    assert claim("own", "fast").id == "default/own"


def test_a_stateful_set_needs_the_storage_class_of_its_claims(cluster: RehearsedCluster) -> None:
    inputs = workload("db", "default")
    inputs["spec"]["volumeClaimTemplates"] = [{"metadata": {"name": "data"}, "spec": {"storageClassName": "gp3"}}]

    with pytest.raises(Refused, match='"gp3" not found'):
        cluster.engine.create(STATEFUL_SET, "db", **inputs)


def test_a_claim_does_not_shrink(cluster: RehearsedCluster) -> None:
    meta = {"name": "data", "namespace": "default"}
    made = cluster.engine.create(CLAIM, "data", metadata=meta, spec={"resources": {"requests": {"storage": "1Gi"}}})

    grown = cluster.engine.update(made, metadata=meta, spec={"resources": {"requests": {"storage": "2Gi"}}})
    with pytest.raises(Refused, match="field can not be less than previous value"):
        cluster.engine.update(grown, metadata=meta, spec={"resources": {"requests": {"storage": "1500Mi"}}})
    with pytest.raises(Refused, match="quantities must match"):
        cluster.engine.update(grown, metadata=meta, spec={"resources": {"requests": {"storage": "lots"}}})


@pytest.mark.parametrize(
    ("token", "before", "after", "path"),
    [
        (
            "kubernetes:networking.k8s.io/v1:IngressClass",
            {"spec": {"controller": "a"}},
            {"spec": {"controller": "b"}},
            "spec.controller",
        ),
        ("kubernetes:scheduling.k8s.io/v1:PriorityClass", {"value": 1}, {"value": 2}, "value"),
        (
            "kubernetes:storage.k8s.io/v1:StorageClass",
            {"reclaimPolicy": "Delete"},
            {"reclaimPolicy": "Retain"},
            "reclaimPolicy",
        ),
    ],
)
def test_immutable_fields_refuse_their_update(
    cluster: RehearsedCluster, token: str, before: dict[str, Any], after: dict[str, Any], path: str
) -> None:
    made = cluster.engine.create(token, "x", metadata={"name": "x"}, **before)

    with pytest.raises(Refused, match=f"{path}: field is immutable"):
        cluster.engine.update(made, metadata={"name": "x"}, **after)


def test_most_of_a_stateful_set_may_not_change(cluster: RehearsedCluster) -> None:
    inputs = workload("db", "default")
    made = cluster.engine.create(STATEFUL_SET, "db", **inputs)
    scaled = cluster.engine.update(made, **{**inputs, "spec": {**inputs["spec"], "replicas": 3}})

    with pytest.raises(Refused, match=r"updates to statefulset spec for fields other than.*spec.somethingElse"):
        cluster.engine.update(scaled, **{**inputs, "spec": {**inputs["spec"], "replicas": 3, "somethingElse": 1}})


def test_a_custom_resource_needs_its_definition(cluster: RehearsedCluster) -> None:
    meta = {"name": "web", "namespace": "default"}
    with pytest.raises(Refused, match=r'no matches for kind "ServiceMonitor" in version "monitoring.coreos.com/v1"'):
        cluster.engine.create(MONITOR, "web", metadata=meta, spec={})

    definition = _define(cluster)
    made = cluster.engine.create(MONITOR, "web", metadata=meta, spec={})
    cluster.engine.delete(definition)

    assert cluster.engine.read(made).id == ""


def test_a_version_that_is_not_served_is_unknown(cluster: RehearsedCluster) -> None:
    _define(cluster)

    with pytest.raises(Refused, match="no matches for kind"):
        cluster.engine.create(MONITOR.replace("v1:", "v2:"), "web", metadata={"name": "web"}, spec={})


def test_kinds_that_the_cloud_brings_are_known(cluster: RehearsedCluster) -> None:
    token = "kubernetes:snapshot.storage.k8s.io/v1:VolumeSnapshotClass"

    assert cluster.engine.create(token, "snap", metadata={"name": "snap"}, driver="pd.csi.storage.gke.io").id == "snap"


def test_a_secret_never_enters_the_inventory(cluster: RehearsedCluster) -> None:
    made = cluster.secret(namespace="default", stringData={"password": "correct-horse"})

    assert made["data"] == Secret({"password": "Y29ycmVjdC1ob3JzZQ=="})
    held = b"".join(path.read_bytes() for path in cluster.inventory.path.parent.glob("inventory.sqlite*"))
    assert b"correct-horse" not in held
    assert b"Y29ycmVjdC1ob3JzZQ" not in held
    assert cluster.engine.read(made).outputs == made.outputs


def test_a_preview_does_not_know_what_the_server_fills_in(cluster: RehearsedCluster) -> None:
    planned = cluster.engine.preview(NAMESPACE, "apps", metadata={"name": "apps"})

    assert planned["metadata"]["name"] == "apps"
    assert planned["metadata"]["uid"] is UNKNOWN


def test_a_load_balancer_gets_an_address(cluster: RehearsedCluster) -> None:
    meta = {"name": "web", "namespace": "default"}
    made = cluster.engine.create("kubernetes:core/v1:Service", "web", metadata=meta, spec={"type": "LoadBalancer"})

    assert made["spec"]["clusterIP"].startswith("10.96.")
    assert made["status"]["loadBalancer"]["ingress"][0]["ip"].startswith("34.")


def test_drift_is_found_and_repaired(cluster: RehearsedCluster) -> None:
    meta = {"name": "apps", "labels": {"team": "a"}}
    made = cluster.engine.create(NAMESPACE, "apps", metadata=meta)
    cluster.inventory.drift(NAMESPACE, "apps", {"metadata.labels": {"team": "b"}}, cluster.account)

    refreshed = cluster.engine.read(made)
    assert refreshed.inputs["metadata"]["labels"] == {"team": "b"}
    assert cluster.engine.diff(refreshed, metadata=meta).detailed == {"metadata.labels.team": "UPDATE"}
    assert cluster.engine.update(refreshed, metadata=meta)["metadata"]["labels"] == {"team": "a"}


def test_an_update_of_a_lost_object_fails(cluster: RehearsedCluster) -> None:
    made = cluster.namespace()
    cluster.engine.delete(made)

    with pytest.raises(Refused, match='namespaces "apps" not found'):
        cluster.engine.update(made, metadata={"name": "apps", "labels": {"a": "b"}})


def _define(cluster: RehearsedCluster) -> State:
    spec = {
        "group": "monitoring.coreos.com",
        "scope": "Namespaced",
        "names": {"kind": "ServiceMonitor", "plural": "servicemonitors"},
        "versions": [{"name": "v1", "served": True}, {"name": "v2", "served": False}],
    }
    return cluster.engine.create(DEFINITION, "d", metadata={"name": "servicemonitors.monitoring.coreos.com"}, spec=spec)
