"""Rules of the kinds that databases and brokers are declared with, which their definitions do not have.

Sources: github.com/strimzi/strimzi-kafka-operator at 1.2.0 (ListenersValidator, KafkaCluster, NodePoolUtils, and the
labels that its operators select by), github.com/cloudnative-pg/cloudnative-pg at v1.30.0
(internal/webhook/v1/cluster_webhook.go), github.com/percona/percona-server-mongodb-operator at v1.22.0
(pkg/apis/psmdb/v1/psmdb_defaults.go, custom_users.go), github.com/rabbitmq/cluster-operator at v2.22.3
(reconcile_tls.go, configmap.go). The webhook of CloudNativePG refuses such an object; the others take it, and it never
becomes ready.
"""

import re
from collections.abc import Callable, Iterator
from typing import Final

from contract_check.findings import Finding
from contract_check.places import Place, distinct, matching, one_of, required
from contract_check.quantities import amount

KAFKA: Final = "kafka.strimzi.io"
POSTGRES: Final = "postgresql.cnpg.io"
MONGODB: Final = "psmdb.percona.com"
RABBITMQ: Final = "rabbitmq.com"

_CLUSTER: Final = "strimzi.io/cluster"
_LISTENER: Final = re.compile(r"[a-z0-9]{1,11}")
_LOWEST_PORT: Final = 9092
_TAKEN_PORTS: Final = (9404, 9999)
_VERSIONS: Final = ("4.2.0", "4.2.1", "4.3.0", "4.3.1")
"""Releases of Kafka that the operator has images for."""
_LEAST_AND_ALL: Final = (
    ("min.insync.replicas", "default.replication.factor"),
    ("transaction.state.log.min.isr", "transaction.state.log.replication.factor"),
    ("share.coordinator.state.topic.min.isr", "share.coordinator.state.topic.replication.factor"),
)

_DNS_LABEL: Final = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")
_LONGEST_NAME: Final = 50
_BUFFERS: Final = re.compile(r"([0-9]+)\s*(kB|MB|GB|TB)?")
_BUFFER_UNITS: Final = {"": 8192, "kB": 2**10, "MB": 2**20, "GB": 2**30, "TB": 2**40}
"""A number without a unit counts blocks of 8 KiB: postgresql.org/docs/current/config-setting.html."""

_LONGEST_SET: Final = 50
_TLS_MODES: Final = ("disabled", "allowTLS", "preferTLS", "requireTLS")
_SYSTEM_USERS: Final = ("backup", "databaseAdmin", "clusterAdmin", "clusterMonitor", "userAdmin")
_LEAST_GRACE: Final = 30
_SETTING: Final = re.compile(r"\s*([A-Za-z0-9_.$-]+)\s*=\s*(\S.*?)\s*")


def check_data(group: str, kind: str, top: Place) -> Iterator[Finding]:
    """What is wrong with an object of one of these groups."""
    check = _CHECKS.get((group, kind))
    if check is not None:
        yield from check(top)


def _kafka(top: Place) -> Iterator[Finding]:
    kafka = top["spec.kafka"]
    yield from one_of(kafka["version"], _VERSIONS)
    version, metadata = kafka["version"].text, kafka["metadataVersion"]
    if version and metadata.text and not version.startswith(f"{metadata.text.partition('-')[0]}."):
        yield metadata.wrong(f"{metadata.shown()} is not of {version}; raise it once all brokers run that release")
    listeners = list(kafka["listeners"].each())
    yield from distinct(listener["name"] for listener in listeners)
    yield from distinct(listener["port"] for listener in listeners)
    for listener in listeners:
        yield from matching(listener["name"], _LISTENER, "name of 11 lower-case letters and digits at most")
        yield from _port(listener["port"])
        if listener["authentication.type"].value == "tls" and listener["tls"].value is False:
            yield listener["authentication"].wrong("a listener without TLS sees no certificate of a client")
    for least, copies in _LEAST_AND_ALL:
        yield from _least(_option(kafka["config"], least), _option(kafka["config"], copies))


def _port(port: Place) -> Iterator[Finding]:
    if port.number is not None and (port.number < _LOWEST_PORT or port.number in _TAKEN_PORTS):
        taken = " and ".join(map(str, _TAKEN_PORTS))
        yield port.wrong(f"{port.shown()} is the operator's own; {_LOWEST_PORT} and more are free, but {taken}")


def _option(config: Place, name: str) -> Place:
    """An option of Kafka: its name has dots."""
    return dict(config.members()).get(name, Place(None, config.path))


def _least(least: Place, copies: Place) -> Iterator[Finding]:
    if least.number is not None and copies.number is not None and least.number > copies.number:
        yield least.wrong(f"{least.shown()} of {copies.shown()} replicas are never in step: nobody can write")


def _of_cluster(top: Place) -> Iterator[Finding]:
    labels = top["metadata.labels"]
    if not labels.unknown:
        yield from required(
            dict(labels.members()).get(_CLUSTER, Place(None, labels.path or "metadata.labels")),
            f"without the label {_CLUSTER} no operator looks after it",
        )


def _pool(top: Place) -> Iterator[Finding]:
    yield from _of_cluster(top)
    yield from required(top["spec.roles"], "a node is a broker, a controller, or both")
    volumes = list(top["spec.storage.volumes"].each())
    yield from distinct(volume["id"] for volume in volumes)
    shared = [volume["kraftMetadata"] for volume in volumes if volume["kraftMetadata"].value == "shared"]
    for volume in shared[1:]:
        yield volume.wrong(f"the metadata is on {shared[0].path.rpartition('.')[0]} already")


def _topic(top: Place) -> Iterator[Finding]:
    yield from _of_cluster(top)
    yield from _least(_option(top["spec.config"], "min.insync.replicas"), top["spec.replicas"])


def _postgres(top: Place) -> Iterator[Finding]:
    yield from matching(
        top["metadata.name"], _DNS_LABEL, f"DNS label of {_LONGEST_NAME} characters at most", _LONGEST_NAME
    )
    spec = top["spec"]
    yield from _image(spec["imageName"])
    initdb = spec["bootstrap.initdb"]
    for key, other in (("owner", "database"), ("database", "owner")):
        if initdb[other].value and not initdb[key].unknown and not initdb[key].value:
            yield initdb[key].wrong(f"missing; it belongs to {other}")
    number, instances = spec["postgresql.synchronous.number"], spec["instances"].number
    named = [
        *spec["postgresql.synchronous.standbyNamesPre"].each(),
        *spec["postgresql.synchronous.standbyNamesPost"].each(),
    ]
    if number.number is not None and instances is not None and number.number >= instances + len(named):
        yield number.wrong(f"{number.shown()} standbys in step, of {instances:g} instances with the primary")
    yield from _buffers(spec)


def _image(image: Place) -> Iterator[Finding]:
    if image.text is None:
        return
    tag = image.text.partition("@")[0].rpartition("/")[2].partition(":")[2]
    if tag in ("", "latest") or not tag[0].isdigit():
        yield image.wrong(f"{image.shown()} has no tag that begins with a version: upgrades could not be told")


def _buffers(spec: Place) -> Iterator[Finding]:
    buffers = dict(spec["postgresql.parameters"].members()).get("shared_buffers", Place(None))
    memory = amount(spec["resources.requests.memory"].value)
    match = _BUFFERS.fullmatch(buffers.text or "")
    if match is None or memory is None:
        return
    if int(match[1]) * _BUFFER_UNITS[match[2] or ""] > memory:
        requested = spec["resources.requests.memory"].shown()
        yield buffers.wrong(f"{buffers.shown()} is more than the memory that is requested, {requested}")


def _mongodb(top: Place) -> Iterator[Finding]:
    spec, name = top["spec"], top["metadata.name"]
    unsafe = spec["unsafeFlags"]
    mode = spec["tls.mode"]
    yield from one_of(mode, _TLS_MODES)
    if mode.value == "disabled" and unsafe["tls"].value is not True:
        yield mode.wrong("connections in plain text are taken with unsafeFlags.tls alone")
    replica_sets = list(spec["replsets"].each())
    yield from distinct(one["name"] for one in replica_sets)
    for one in replica_sets:
        if name.text and one["name"].text and len(name.text) + len(one["name"].text) > _LONGEST_SET:
            yield one["name"].wrong(f"with the name of the cluster {_LONGEST_SET} characters at most")
        yield from required(one["volumeSpec"], "the operator makes no set without it")
        yield from _members(one, unsafe)
    users = list(spec["users"].each())
    yield from distinct(user["name"] for user in users)
    for user in users:
        if user["name"].value in _SYSTEM_USERS:
            yield user["name"].wrong(
                f"{user['name'].shown()} is the operator's own, and it makes no other of that name"
            )
        yield from required(user["roles"], "a user without a role is not made")
    yield from _mongodb_backups(spec["backup"])


def _members(one: Place, unsafe: Place) -> Iterator[Finding]:
    size, grace = one["size"], one["terminationGracePeriodSeconds"]
    if (
        size.number is not None
        and unsafe["replsetSize"].value is not True
        and (size.number < 3 or size.number % 2 == 0)
    ):
        yield size.wrong(f"{size.shown()} members are made with unsafeFlags.replsetSize alone: no majority without one")
    if grace.number is not None and grace.number < _LEAST_GRACE and unsafe["terminationGracePeriod"].value is not True:
        yield grace.wrong(f"less than {_LEAST_GRACE} seconds with unsafeFlags.terminationGracePeriod alone")


def _mongodb_backups(backup: Place) -> Iterator[Finding]:
    if backup["enabled"].value is not True:
        return
    storages = dict(backup["storages"].members())
    mains = [one["main"] for one in storages.values() if one["main"].value is True]
    if len(storages) > 1 and len(mains) != 1:
        yield backup["storages"].wrong("one of several is the main one, and no more")
    for task in backup["tasks"].each():
        stored = task["storageName"]
        if stored.text is not None and not backup["storages"].unknown and stored.text not in storages:
            yield stored.wrong(f"there is no storage {stored.shown()}")
    if backup["pitr.enabled"].value is True and not backup["storages"].unknown and not storages:
        yield backup["pitr.enabled"].wrong("operations are kept in a storage, and there is none")


def _rabbitmq(top: Place) -> Iterator[Finding]:
    spec = top["spec"]
    tls = spec["tls"]
    if tls["disableNonTLSListeners"].value is True and not tls["secretName"].unknown and not tls["secretName"].value:
        yield tls["secretName"].wrong("missing; without it nobody is listened to, and no cluster is made")
    replicas = spec["replicas"]
    if replicas.number is not None and replicas.number > 0 and replicas.number % 2 == 0:
        yield replicas.wrong(f"{replicas.shown()} nodes: half of them is no majority, and both halves stop")
    settings = spec["rabbitmq.additionalConfig"]
    if settings.text is None:
        return
    taken: set[str] = set()
    for number, line in enumerate(settings.text.splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        match = _SETTING.fullmatch(line)
        if match is None:
            yield settings.wrong(f"line {number} is no `key = value`: the nodes would not start")
        elif match[1] in taken:
            yield settings.wrong(f"line {number}: {match[1]} stands twice, and the operator keeps the last one")
        else:
            taken.add(match[1])


_CHECKS: Final[dict[tuple[str, str], Callable[[Place], Iterator[Finding]]]] = {
    (KAFKA, "Kafka"): _kafka,
    (KAFKA, "KafkaNodePool"): _pool,
    (KAFKA, "KafkaTopic"): _topic,
    (KAFKA, "KafkaUser"): _of_cluster,
    (POSTGRES, "Cluster"): _postgres,
    (MONGODB, "PerconaServerMongoDB"): _mongodb,
    (RABBITMQ, "RabbitmqCluster"): _rabbitmq,
}
