"""Inputs as a program gives them to Kubernetes, and what is generated for it."""

from typing import Any

from contract_check.wire import UNKNOWN, Secret

PLAIN: list[tuple[str, dict[str, Any]]] = [
    (
        "kubernetes:core/v1:Namespace",
        {
            "apiVersion": "v1",
            "kind": "Namespace",
            "metadata": {"name": "monitoring", "labels": {"pod-security.kubernetes.io/enforce": "privileged"}},
        },
    ),
    (
        "kubernetes:core/v1:Secret",
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "type": "example.com/any",
            "metadata": {"name": "grafana-admin", "namespace": "monitoring"},
            "stringData": Secret({"admin-user": "admin", "admin-password": Secret(UNKNOWN)}),
        },
    ),
    (
        "kubernetes:core/v1:ServiceAccount",
        {
            "apiVersion": "v1",
            "kind": "ServiceAccount",
            "metadata": {"annotations": {"iam.gke.io/gcp-service-account": UNKNOWN}},
        },
    ),
    ("random:index/randomPassword:RandomPassword", {"length": 32.0, "special": False, "keepers": {"user": "admin"}}),
    ("random:index/randomId:RandomId", {"byteLength": 4.0}),
    ("random:index/randomString:RandomString", {"length": 8.0, "upper": False}),
    ("tls:index/privateKey:PrivateKey", {"algorithm": "ECDSA", "ecdsaCurve": "P256"}),
    (
        "tls:index/locallySignedCert:LocallySignedCert",
        {
            "caPrivateKeyPem": Secret(UNKNOWN),
            "caCertPem": UNKNOWN,
            "certRequestPem": UNKNOWN,
            "allowedUses": ["cert_signing", "server_auth"],
            "isCaCertificate": True,
            "validityPeriodHours": 8766.0,
            "earlyRenewalHours": 2160.0,
        },
    ),
    (
        "kubernetes:cert-manager.io/v1:ClusterIssuer",
        {
            "apiVersion": "cert-manager.io/v1",
            "kind": "ClusterIssuer",
            "metadata": {"name": "le"},
            "spec": {
                "acme": {
                    "server": "https://x",
                    "privateKeySecretRef": {"name": "le"},
                    "solvers": [{"dns01": {"cloudDNS": {"project": "p"}}}],
                }
            },
        },
    ),
    (
        "kubernetes:external-secrets.io/v1:ClusterSecretStore",
        {
            "apiVersion": "external-secrets.io/v1",
            "kind": "ClusterSecretStore",
            "metadata": {"name": "cloud"},
            "spec": {"provider": {"gcpsm": {"projectID": "p"}}},
        },
    ),
    (
        "kubernetes:external-secrets.io/v1:ExternalSecret",
        {
            "apiVersion": "external-secrets.io/v1",
            "kind": "ExternalSecret",
            "metadata": {"name": "x", "namespace": "y"},
            "spec": {
                "refreshInterval": "1h",
                "secretStoreRef": {"name": "cloud", "kind": "ClusterSecretStore"},
                "target": {"name": "x"},
                "data": [{"secretKey": "a", "remoteRef": {"key": "b"}}],
            },
        },
    ),
    (
        "kubernetes:postgresql.cnpg.io/v1:Cluster",
        {
            "apiVersion": "postgresql.cnpg.io/v1",
            "kind": "Cluster",
            "metadata": {"name": "pg"},
            "spec": {"instances": 3.0, "storage": {"size": "10Gi"}},
        },
    ),
    (
        "kubernetes:kafka.strimzi.io/v1:Kafka",
        {
            "apiVersion": "kafka.strimzi.io/v1",
            "kind": "Kafka",
            "metadata": {"name": "k"},
            "spec": {
                "kafka": {
                    "listeners": [{"name": "plain", "port": 9092.0, "type": "internal", "tls": False}],
                    "config": {"a": 1.0},
                }
            },
        },
    ),
    (
        "kubernetes:dapr.io/v1alpha1:Component",
        {
            "apiVersion": "dapr.io/v1alpha1",
            "kind": "Component",
            "metadata": {"name": "pubsub"},
            "spec": {
                "type": "pubsub.kafka",
                "version": "v1",
                "metadata": [{"name": "brokers", "value": "a"}, {"name": "authType", "value": "none"}],
            },
            "scopes": ["a"],
        },
    ),
    (
        "kubernetes:networking.k8s.io/v1:NetworkPolicy",
        {
            "apiVersion": "networking.k8s.io/v1",
            "kind": "NetworkPolicy",
            "metadata": {"name": "x"},
            "spec": {
                "podSelector": {},
                "policyTypes": ["Ingress"],
                "ingress": [
                    {
                        "from": [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "kong"}}}],
                        "ports": [{"port": "http"}, {"port": 80.0}],
                    }
                ],
            },
        },
    ),
    (
        "kubernetes:rbac.authorization.k8s.io/v1:ClusterRole",
        {
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "ClusterRole",
            "metadata": {"name": "system:aggregate-x", "labels": {"a/b": "true"}},
            "rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}],
        },
    ),
    (
        "kubernetes:storage.k8s.io/v1:StorageClass",
        {
            "apiVersion": "storage.k8s.io/v1",
            "kind": "StorageClass",
            "metadata": {"name": "fast"},
            "provisioner": "x",
            "parameters": {"type": "pd-ssd"},
            "volumeBindingMode": "WaitForFirstConsumer",
        },
    ),
    (
        "kubernetes:apps/v1:StatefulSet",
        {
            "apiVersion": "apps/v1",
            "kind": "StatefulSet",
            "metadata": {"name": "x"},
            "spec": {
                "serviceName": "x",
                "selector": {"matchLabels": {"a": "b"}},
                "template": {
                    "metadata": {"labels": {"a": "b"}},
                    "spec": {"containers": [{"name": "x", "image": "x:1", "restartPolicy": None}]},
                },
                "volumeClaimTemplates": [
                    {
                        "metadata": {"name": "data"},
                        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
                    }
                ],
            },
        },
    ),
    ("pulumi:providers:random", {"version": "4.21.4", "pluginDownloadURL": "https://example.com"}),
]
