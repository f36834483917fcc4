"""The replica set that Percona's operator is asked for.

https://docs.percona.com/percona-operator-for-mongodb/operator.html
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from components.data.sizes import MongodbSize
from components.pod_resources import claim, requests
from components.pod_security import RESTRICTED_POD
from components.priorities import DATA
from stacks.versions import MONGODB_EXPORTER_IMAGE, MONGODB_IMAGE, PERCONA_MONGODB

REPLICA_SET: Final = "rs0"

PORT: Final = 27017

EXPORTER_PORT: Final = 9216

USER: Final = "application"
"""The user of services. The operator's own are called otherwise, `backup` among them, and it makes no other of their
names."""

EXPORTER: Final = "exporter"
"""The user of the exporter: it reads how the servers are, the log of operations, and what is told of backups."""

UID: Final = 1001
"""User of the servers in their image."""

CERTIFICATES: Final = "/etc/mongodb-ssl"

CONFIGURATION: Final = json.dumps({"net": {"tls": {"allowConnectionsWithoutCertificates": True}}})
"""Clients prove themselves by a password; only members show certificates. JSON is YAML.
https://www.mongodb.com/docs/manual/tutorial/configure-ssl/"""

CONTAINER: Final[Mapping[str, Any]] = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
"""What Pod Security asks of each container. The server writes its certificate and its key into one file, in `/tmp`."""


Role = tuple[str, str]
"""A role, and the database that it is for."""


def members(cluster: str) -> dict[str, str]:
    """Labels of the members' pods."""
    return {"app.kubernetes.io/name": "percona-server-mongodb", "app.kubernetes.io/instance": cluster}


def password_name(cluster: str, user: str) -> str:
    """Name of the Secret with a user's password."""
    return f"{cluster}-{user}"


def certificates_name(cluster: str) -> str:
    """Name of the Secret with the members' certificate and its authority."""
    return f"{cluster}-ssl"


def set_spec(
    cluster: str,
    database: str,
    size: MongodbSize,
    storage_class: str,
    *,
    high_availability: bool,
    backup: Mapping[str, Any],
    others: Mapping[str, Sequence[Role]],
) -> dict[str, Any]:
    """The replica set, with one shard and thus no routers. `others` are further users, known in `admin`."""
    return {
        "crVersion": PERCONA_MONGODB.version,
        "image": MONGODB_IMAGE,
        "imagePullPolicy": "IfNotPresent",
        "initContainerSecurityContext": dict(CONTAINER),
        "updateStrategy": "SmartUpdate",
        "upgradeOptions": {"apply": "disabled"},
        "tls": {"mode": "requireTLS", "allowInvalidCertificates": False, "certValidityDuration": "2160h"},
        "secrets": {"users": f"{cluster}-secrets"},
        "storageScaling": {"enableVolumeScaling": True},
        # The operator makes no set of one otherwise.
        **({} if high_availability else {"unsafeFlags": {"replsetSize": True}}),
        "sharding": {"enabled": False},
        "replsets": [_replica_set(cluster, size, storage_class, 3 if high_availability else 1)],
        "users": [
            _user(cluster, USER, database, ("readWrite", database), ("dbAdmin", database)),
            _user(cluster, EXPORTER, "admin", ("clusterMonitor", "admin"), ("read", "local"), ("read", "admin")),
            *(_user(cluster, name, "admin", *roles) for name, roles in others.items()),
        ],
        "backup": dict(backup),
        # Logs are the container's, as those of all others are.
        "logcollector": {"enabled": False},
    }


def _user(cluster: str, name: str, database: str, *roles: Role) -> dict[str, Any]:
    return {
        "name": name,
        "db": database,
        "passwordSecretRef": {"name": password_name(cluster, name), "key": "password"},
        "roles": [{"name": role, "db": where} for role, where in roles],
    }


def _replica_set(cluster: str, size: MongodbSize, storage_class: str, count: int) -> dict[str, Any]:
    return {
        "name": REPLICA_SET,
        "size": count,
        "configuration": CONFIGURATION,
        "affinity": {"antiAffinityTopologyKey": "kubernetes.io/hostname"},
        "topologySpreadConstraints": [
            {
                "maxSkew": 1,
                "topologyKey": "topology.kubernetes.io/zone",
                "whenUnsatisfiable": "DoNotSchedule",
                "labelSelector": {"matchLabels": members(cluster)},
            }
        ],
        "priorityClassName": DATA,
        "podDisruptionBudget": {"maxUnavailable": 1},
        "expose": {"enabled": False},
        "resources": requests(size.cpu, size.memory),
        "volumeSpec": {"persistentVolumeClaim": claim(storage_class, size.storage_gib)["spec"]},
        "podSecurityContext": {**RESTRICTED_POD, "runAsUser": UID, "runAsGroup": UID, "fsGroup": UID},
        "containerSecurityContext": dict(CONTAINER),
        "sidecars": [_exporter(cluster)],
    }


def _exporter(cluster: str) -> dict[str, Any]:
    """What Prometheus asks, beside each member: the operator knows no other than the vendor's own."""
    password = {"name": password_name(cluster, EXPORTER), "key": "password"}
    return {
        "name": "exporter",
        "image": MONGODB_EXPORTER_IMAGE,
        "args": [
            f"--mongodb.uri=mongodb://localhost:{PORT}/admin?tls=true&tlsCAFile={CERTIFICATES}/ca.crt",
            "--collector.diagnosticdata",
            "--collector.replicasetstatus",
            "--collector.dbstats",
            "--collector.pbm",
        ],
        "env": [
            {"name": "MONGODB_USER", "value": EXPORTER},
            {"name": "MONGODB_PASSWORD", "valueFrom": {"secretKeyRef": password}},
        ],
        "ports": [{"name": "metrics", "containerPort": EXPORTER_PORT}],
        "resources": requests("10m", "32Mi"),
        "securityContext": {**CONTAINER, "readOnlyRootFilesystem": True},
        "volumeMounts": [{"name": "ssl", "mountPath": CERTIFICATES, "readOnly": True}],
    }
