"""Secrets that the controllers of custom resources make in a rehearsed cluster, and objects that are waited for."""

from collections.abc import Callable
from typing import Any

import pytest

from rehearsal.providers.inventory import Resource
from rehearsal.providers.kubernetes import vault
from rehearsal.providers.kubernetes.controllers import kinds, labels_of_pods, served, tokens
from tests.unit.rehearsal.providers.fake_engine import Refused, State
from tests.unit.rehearsal.providers.rehearsed_cluster import DEFINITION, RehearsedCluster

STORE = "kubernetes:external-secrets.io/v1:ClusterSecretStore"
EXTERNAL = "kubernetes:external-secrets.io/v1:ExternalSecret"
ISSUER = "kubernetes:cert-manager.io/v1:ClusterIssuer"
CERTIFICATE = "kubernetes:cert-manager.io/v1:Certificate"
DATABASE = "kubernetes:postgresql.cnpg.io/v1:Cluster"
KAFKA = "kubernetes:kafka.strimzi.io/v1:Kafka"
REPLICAS = "kubernetes:psmdb.percona.com/v1:PerconaServerMongoDB"
BROKER = "kubernetes:rabbitmq.com/v1beta1:RabbitmqCluster"
SECRET = "kubernetes:core/v1:Secret"
AWAITED = {"pulumi.com/waitFor": "condition=Ready"}

Make = Callable[..., State]


@pytest.fixture
def apps(cluster: RehearsedCluster) -> RehearsedCluster:
    cluster.namespace("apps")
    return cluster


@pytest.fixture
def vaulted(apps: RehearsedCluster) -> RehearsedCluster:
    """A cluster with External Secrets and a store."""
    apps.release("external-secrets", "external-secrets")
    store(apps)
    return apps


def store(cluster: RehearsedCluster) -> State:
    spec = {"provider": {"gcpsm": {"projectID": "p"}}}
    return cluster.engine.create(STORE, "vault", metadata={"name": "vault"}, spec=spec)


def external(cluster: RehearsedCluster, annotations: dict[str, str] | None = None, **spec: Any) -> State:
    body = {
        "secretStoreRef": {"kind": "ClusterSecretStore", "name": "vault"},
        "data": [{"secretKey": "TOKEN", "remoteRef": {"key": "web-token"}}],
        **spec,
    }
    metadata = {"name": "web", "namespace": "apps", "annotations": annotations or {}}
    return cluster.engine.create(EXTERNAL, "web", metadata=metadata, spec=body)


def certificate(cluster: RehearsedCluster, annotations: dict[str, str] | None = None) -> State:
    spec = {"secretName": "web-tls", "issuerRef": {"kind": "ClusterIssuer", "name": "ca"}, "dnsNames": ["a.example"]}
    metadata = {"name": "web", "namespace": "apps", "annotations": annotations or {}}
    return cluster.engine.create(CERTIFICATE, "web", metadata=metadata, spec=spec)


def issuer(cluster: RehearsedCluster, **spec: Any) -> State:
    return cluster.engine.create(ISSUER, "ca", metadata={"name": "ca"}, spec=spec or {"selfSigned": {}})


def reads(cluster: RehearsedCluster, secret: str) -> State:
    """A Deployment whose pods need a Secret."""
    source = {"envFrom": [{"secretRef": {"name": secret}}]}
    return cluster.deployment(containers=[{"name": "main", "image": "example/web:1", **source}])


def made(cluster: RehearsedCluster, name: str) -> Resource | None:
    return cluster.inventory.get(SECRET, f"apps/{name}")


def ready(object_: State) -> tuple[str, str]:
    [condition] = object_["status"]["conditions"]
    return condition["status"], condition["message"]


def test_a_pod_finds_the_secret_that_an_external_secret_asks_for(vaulted: RehearsedCluster) -> None:
    asked = external(vaulted)

    assert ready(asked) == ("True", "")
    assert reads(vaulted, "web").id == "apps/web"


def test_values_of_a_made_secret_are_kept_nowhere(vaulted: RehearsedCluster) -> None:
    external(vaulted)
    secret = made(vaulted, "web")

    assert secret is not None
    assert list(secret.outputs["data"]) == ["$secret"]
    assert vaulted.inventory.path.read_bytes().find(b"cmVoZWFyc2Vk") == -1


def test_a_target_may_bear_another_name(vaulted: RehearsedCluster) -> None:
    external(vaulted, target={"name": "other"})

    assert made(vaulted, "web") is None
    assert made(vaulted, "other") is not None


def test_a_template_that_is_a_secret_has_to_be_there(vaulted: RehearsedCluster) -> None:
    item = {"key": "kong.yml", "templateAs": "Values"}
    target = {"template": {"templateFrom": [{"secret": {"name": "web-template", "items": [item]}}]}}

    with pytest.raises(Refused, match='Secret "web-template" not found'):
        external(vaulted, AWAITED, target=target)
    assert made(vaulted, "web") is None

    metadata = {"name": "web-template", "namespace": "apps"}
    vaulted.engine.create(SECRET, "web-template", metadata=metadata, stringData={"kong.yml": "text"})
    assert made(vaulted, "web") is not None


def test_a_secret_of_an_external_secret_goes_with_it(vaulted: RehearsedCluster) -> None:
    asked = external(vaulted)
    vaulted.engine.delete(asked)

    assert made(vaulted, "web") is None


def test_an_orphaned_secret_stays(vaulted: RehearsedCluster) -> None:
    asked = external(vaulted, target={"creationPolicy": "Orphan"})
    vaulted.engine.delete(asked)

    assert made(vaulted, "web") is not None


def test_a_policy_of_merging_makes_nothing(vaulted: RehearsedCluster) -> None:
    external(vaulted, target={"creationPolicy": "Merge"})

    assert made(vaulted, "web") is None


def test_without_its_store_no_secret_appears_until_the_store_does(apps: RehearsedCluster) -> None:
    apps.release("external-secrets", "external-secrets")
    asked = external(apps)
    assert ready(asked) == ("False", 'ClusterSecretStore "vault" not found')
    with pytest.raises(Refused, match='secret "web" not found'):
        reads(apps, "web")

    store(apps)
    assert made(apps, "web") is not None


def test_without_its_controller_no_secret_appears_until_it_is_back(apps: RehearsedCluster) -> None:
    apps.engine.delete(apps.release("strimzi", "strimzi-kafka-operator"))
    kafka = apps.engine.create(KAFKA, "events", metadata={"name": "events", "namespace": "apps"}, spec={})

    assert kafka["status"] == {}
    assert made(apps, "events-cluster-ca-cert") is None
    apps.release("strimzi", "strimzi-kafka-operator")
    assert made(apps, "events-cluster-ca-cert") is not None


def test_an_awaited_object_says_which_secret_the_vault_lacks(vaulted: RehearsedCluster) -> None:
    vault.keep_absent(vaulted.inventory.path.parent, ["web-token"])

    with pytest.raises(Refused) as refused:
        external(vaulted, AWAITED)
    assert str(refused.value).endswith(
        "ExternalSecret apps/web never became ready: Resource has condition Ready=False (want True): "
        'the secret "web-token" does not exist in the vault'
    )
    assert made(vaulted, "web") is None


def test_an_object_that_nobody_awaits_is_made_without_its_secret(vaulted: RehearsedCluster) -> None:
    vault.keep_absent(vaulted.inventory.path.parent, ["web-token"])

    assert ready(external(vaulted))[0] == "False"


def test_what_was_absent_is_there_once_a_run_does_not_say_so(vaulted: RehearsedCluster) -> None:
    home = vaulted.inventory.path.parent
    vault.keep_absent(home, ["web-token"])
    vault.keep_absent(home, [])

    assert ready(external(vaulted, AWAITED)) == ("True", "")


@pytest.mark.parametrize(
    ("annotation", "said"),
    [
        ("Ready", 'expected a "jsonpath=" or "condition=" prefix, got "Ready"'),
        ("[]", "at least one condition must be specified"),
        ("jsonpath=.status.x", "the form is jsonpath"),
        ("condition=Synced", "has no condition Synced"),
        ("jsonpath={.status.refreshTime}", "{.status.refreshTime} selected nothing"),
        ('["condition=Ready", "jsonpath={.metadata.name}=other"]', "Waiting for {.metadata.name}=other (found 'web')"),
    ],
)
def test_what_is_waited_for_in_vain_is_told(vaulted: RehearsedCluster, annotation: str, said: str) -> None:
    with pytest.raises(Refused) as refused:
        external(vaulted, {"pulumi.com/waitFor": annotation})
    assert said in str(refused.value)


@pytest.mark.parametrize(
    "annotation", ["condition=ready=true", "jsonpath={.metadata.name}=web", "jsonpath={.status.conditions[0].status}"]
)
def test_what_holds_is_not_waited_for(vaulted: RehearsedCluster, annotation: str) -> None:
    assert external(vaulted, {"pulumi.com/waitFor": annotation}).id == "apps/web"


def test_a_kind_without_a_known_controller_is_waited_for_in_vain(apps: RehearsedCluster) -> None:
    apps.release("prometheus-operator-crds", "prometheus-operator-crds")
    metadata = {"name": "web", "namespace": "apps", "annotations": AWAITED}
    with pytest.raises(Refused, match=r"Has no \.status\.conditions"):
        apps.engine.create("kubernetes:monitoring.coreos.com/v1:ServiceMonitor", "web", metadata=metadata, spec={})


def test_a_certificate_needs_its_issuer(apps: RehearsedCluster) -> None:
    apps.release("cert-manager", "cert-manager", values={"crds": {"enabled": True}})
    certificate(apps)
    assert made(apps, "web-tls") is None

    issuer(apps)
    assert made(apps, "web-tls") is not None


def test_a_temporary_certificate_needs_no_issuer(apps: RehearsedCluster) -> None:
    apps.release("cert-manager", "cert-manager", values={"crds": {"enabled": True}})
    certificate(apps, {"cert-manager.io/issue-temporary-certificate": "true"})

    assert made(apps, "web-tls") is not None


def test_a_certificate_leaves_its_secret_behind(apps: RehearsedCluster) -> None:
    apps.release("cert-manager", "cert-manager", values={"crds": {"enabled": True}})
    issuer(apps)
    apps.engine.delete(certificate(apps))

    assert made(apps, "web-tls") is not None


def test_an_authority_needs_its_secret_where_cert_manager_runs(apps: RehearsedCluster) -> None:
    apps.release("cert-manager", "cert-manager", values={"crds": {"enabled": True}})
    assert ready(issuer(apps, ca={"secretName": "root"})) == ("False", 'Secret "root" not found')
    certificate(apps)
    assert made(apps, "web-tls") is None

    apps.secret("root")
    assert made(apps, "web-tls") is not None


def test_a_user_of_kafka_gets_the_keys_of_its_mechanism(apps: RehearsedCluster) -> None:
    apps.release("strimzi", "strimzi-kafka-operator")
    labels = {"strimzi.io/cluster": "events"}
    spec = {"authentication": {"type": "scram-sha-512"}}
    user = {"name": "web", "namespace": "apps", "labels": labels}
    apps.engine.create("kubernetes:kafka.strimzi.io/v1:KafkaUser", "web", metadata=user, spec=spec)
    assert made(apps, "web") is None

    kafka = {"name": "events", "namespace": "apps"}
    apps.engine.create(KAFKA, "events", metadata=kafka, spec={})
    assert made(apps, "web") is not None


def test_a_database_brings_its_application_s_credentials(apps: RehearsedCluster) -> None:
    apps.release("cnpg", "cloudnative-pg")
    metadata = {"name": "store", "namespace": "apps"}
    database = apps.engine.create(DATABASE, "store", metadata=metadata, spec={"instances": 1})

    names = {name for name in ("store-app", "store-superuser", "store-ca") if made(apps, name) is not None}
    assert names == {"store-app", "store-ca"}
    apps.engine.delete(database)
    assert made(apps, "store-app") is None


def test_a_replica_set_says_by_a_word_that_it_is_ready_and_leaves_its_secrets(apps: RehearsedCluster) -> None:
    apps.release("psmdb-operator", "psmdb-operator")
    waits = {"pulumi.com/waitFor": "jsonpath={.status.state}=ready"}
    metadata = {"name": "payments", "namespace": "apps", "annotations": waits}
    replicas = apps.engine.create(REPLICAS, "payments", metadata=metadata, spec={"secrets": {"users": "users"}})

    assert replicas["status"]["state"] == "ready"
    apps.engine.delete(replicas)
    assert made(apps, "users") is not None
    assert made(apps, "payments-ssl") is not None


def test_an_operator_of_no_chart_is_known_by_its_pods_and_wants_what_a_cluster_names(apps: RehearsedCluster) -> None:
    definition: dict[str, Any] = {
        "group": "rabbitmq.com",
        "names": {"kind": "RabbitmqCluster", "plural": "rabbitmqclusters"},
        "scope": "Namespaced",
        "versions": [{"name": "v1beta1", "served": True, "storage": True}],
    }
    apps.engine.create(DEFINITION, "d", metadata={"name": "rabbitmqclusters.rabbitmq.com"}, spec=definition)
    spec = {"tls": {"secretName": "work-tls"}, "secretBackend": {"externalSecret": {"name": "work-default-user"}}}
    metadata = {"name": "work", "namespace": "apps"}
    first = apps.engine.create(BROKER, "work", metadata=metadata, spec=spec)
    assert first["status"] == {}

    labels = {"app.kubernetes.io/name": "rabbitmq-cluster-operator"}
    pod = {
        "metadata": {"labels": labels},
        "spec": {"containers": [{"name": "operator", "image": "example/operator:1"}]},
    }
    operator = {"selector": {"matchLabels": labels}, "template": pod}
    named = {"name": "rabbitmq-cluster-operator", "namespace": "apps"}
    apps.engine.create("kubernetes:apps/v1:Deployment", "operator", metadata=named, spec=operator)
    assert made(apps, "work-erlang-cookie") is None
    apps.secret("work-tls")
    apps.secret("work-default-user")
    assert made(apps, "work-erlang-cookie") is not None

    second = {**metadata, "name": "other"}
    lacking = {**spec, "tls": {"secretName": "other-tls"}}
    assert ready(apps.engine.create(BROKER, "other", metadata=second, spec=lacking)) == (
        "False",
        'Secret "other-tls" not found',
    )


def test_a_namespace_takes_made_secrets_along(cluster: RehearsedCluster) -> None:
    namespace = cluster.namespace("apps")
    cluster.namespace("cert-manager")
    cluster.release("cert-manager", "cert-manager", namespace="cert-manager", values={"crds": {"enabled": True}})
    issuer(cluster)
    certificate(cluster)
    cluster.engine.delete(namespace)

    assert made(cluster, "web-tls") is None


def test_a_secret_of_somebody_else_stays_as_it_is(vaulted: RehearsedCluster) -> None:
    theirs = vaulted.secret("web", stringData={"TOKEN": "theirs"})
    external(vaulted)

    assert vaulted.engine.read(theirs)["stringData"] == theirs["stringData"]


def test_every_kind_is_one_that_a_chart_brings() -> None:
    assert {kind for kind, _ in served().values()} == kinds()
    assert set(tokens().values()) == kinds()
    assert labels_of_pods("external-secrets") == {"app.kubernetes.io/name": "external-secrets"}
