"""Every chart, image and Kubernetes version that a stack runs, each once."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Chart:
    """A published chart, at the version that the platform is built for."""

    name: str
    version: str
    repository: str
    """An `https://` chart repository, or the `oci://` path that the chart lies below."""


PROMETHEUS_OPERATOR_CRDS = Chart(
    name="prometheus-operator-crds",
    version="31.0.1",
    repository="oci://ghcr.io/prometheus-community/charts",
)
KUBE_PROMETHEUS_STACK = Chart(
    name="kube-prometheus-stack",
    version="88.5.3",
    repository="oci://ghcr.io/prometheus-community/charts",
)
LOKI = Chart(name="loki", version="18.11.0", repository="https://grafana-community.github.io/helm-charts")
ALLOY = Chart(name="alloy", version="1.11.1", repository="https://grafana.github.io/helm-charts")
OTEL_COLLECTOR = Chart(
    name="opentelemetry-collector",
    version="0.170.0",
    repository="https://open-telemetry.github.io/opentelemetry-helm-charts",
)
OTEL_OPERATOR = Chart(
    name="opentelemetry-operator",
    version="0.122.0",
    repository="https://open-telemetry.github.io/opentelemetry-helm-charts",
)
JAEGER = Chart(name="jaeger", version="4.11.1", repository="https://jaegertracing.github.io/helm-charts")
KEDA = Chart(name="keda", version="2.20.2", repository="https://kedacore.github.io/charts")
METRICS_SERVER = Chart(
    name="metrics-server",
    version="3.13.1",
    repository="https://kubernetes-sigs.github.io/metrics-server",
)
KONG = Chart(name="kong", version="3.4.1", repository="https://charts.konghq.com")
CONSUL = Chart(name="consul", version="2.0.3", repository="https://helm.releases.hashicorp.com")
DAPR = Chart(name="dapr", version="1.18.3", repository="https://dapr.github.io/helm-charts/")
VALKEY = Chart(name="valkey", version="0.11.0", repository="https://valkey.io/valkey-helm/")
WEAVIATE = Chart(name="weaviate", version="17.8.3", repository="https://weaviate.github.io/weaviate-helm")
STRIMZI = Chart(name="strimzi-kafka-operator", version="1.2.0", repository="oci://quay.io/strimzi-helm")
CLOUDNATIVE_PG = Chart(name="cloudnative-pg", version="0.29.0", repository="https://cloudnative-pg.github.io/charts")
BARMAN_PLUGIN = Chart(name="plugin-barman-cloud", version="0.7.0", repository="https://cloudnative-pg.github.io/charts")
PERCONA_MONGODB = Chart(
    name="psmdb-operator", version="1.22.0", repository="https://percona.github.io/percona-helm-charts"
)

CERT_MANAGER = Chart(name="cert-manager", version="v1.21.1", repository="oci://quay.io/jetstack/charts")
EXTERNAL_DNS = Chart(name="external-dns", version="1.21.1", repository="https://kubernetes-sigs.github.io/external-dns")

EXTERNAL_SECRETS = Chart(name="external-secrets", version="2.9.0", repository="https://charts.external-secrets.io")
RELOADER = Chart(name="reloader", version="2.2.16", repository="https://stakater.github.io/stakater-charts")
VELERO = Chart(name="velero", version="12.1.0", repository="https://vmware-tanzu.github.io/helm-charts")

CHARTS = (
    PROMETHEUS_OPERATOR_CRDS,
    KUBE_PROMETHEUS_STACK,
    LOKI,
    ALLOY,
    OTEL_COLLECTOR,
    OTEL_OPERATOR,
    JAEGER,
    KONG,
    KEDA,
    METRICS_SERVER,
    DAPR,
    CONSUL,
    CERT_MANAGER,
    EXTERNAL_DNS,
    VALKEY,
    WEAVIATE,
    STRIMZI,
    CLOUDNATIVE_PG,
    BARMAN_PLUGIN,
    PERCONA_MONGODB,
    EXTERNAL_SECRETS,
    RELOADER,
    VELERO,
)
"""All of them: a mirror has each, whichever of them a stack runs."""

KONG_IMAGE_TAG = "3.9.2"
"""The newest tag of the official image `kong`, of the last series of the free gateway: later ones want a licence.
https://github.com/docker-library/official-images/pull/21601"""

OAUTH2_PROXY_IMAGE = "quay.io/oauth2-proxy/oauth2-proxy:v7.15.3"
"""What lets in whom an OIDC provider knows: https://github.com/oauth2-proxy/oauth2-proxy/releases"""

CONSUL_IMAGE = f"hashicorp/consul:{CONSUL.version}"
"""The servers, and the client that makes their tokens: the chart's own. Its licence is the Business Source License.
https://github.com/hashicorp/consul/blob/main/LICENSE"""

OCI_SOLVER_IMAGE = "ghcr.io/the-i-engineers/cert-manager-webhook-oci:0.4.0"
"""What answers ACME's challenges in Oracle's DNS, which cert-manager has no solver for. Of the webhooks that do, it is
the one with a published image and a current client of Kubernetes.
https://github.com/the-i-engineers/cert-manager-webhook-oci"""

STAND_IN_REPOSITORY, STAND_IN_TAG = "registry.k8s.io/e2e-test-images/agnhost", "2.53"
STAND_IN_DIGEST = "sha256:99c6b4bb4a1e1df3f0b3752168c89358794d02258ebebc26bf21c29399011a85"
"""What runs in place of images that do not exist yet: the test image of Kubernetes itself, for all architectures.
https://github.com/kubernetes/kubernetes/tree/v1.35.0/test/images/agnhost"""

VELERO_PLUGINS: Mapping[str, str] = {
    "gcp": "velero/velero-plugin-for-gcp:v1.14.0",
    "azure": "velero/velero-plugin-for-microsoft-azure:v1.14.0",
    # Later ones send checksum trailers with every part of a large upload, which OCI refuses:
    # https://github.com/vmware-tanzu/velero/issues/10543
    "aws": "velero/velero-plugin-for-aws:v1.14.0",
}
"""What lets Velero use a store, by what it calls the provider: those that were released with its 1.18."""

LOKI_IMAGE_TAGS: Mapping[str, str] = {
    "gcs": "3.7.6",
    "azure": "3.7.6",
    "filesystem": "3.7.6",
    # 3.6.11 and later send checksum trailers that OCI refuses: https://github.com/grafana/loki/issues/21926
    "s3": "3.6.10",
}
"""The Loki image by kind of object store."""

KAFKA_VERSION = "4.3.1"
"""Release of Kafka: one that the operator has an image for.
https://github.com/strimzi/strimzi-kafka-operator/blob/1.2.0/kafka-versions.yaml"""

KAFKA_METADATA_VERSION = "4.3-IV0"
"""Version of what brokers keep about themselves. Raised after the release: brokers of an older one cannot read it."""

POSTGRES_IMAGE = "ghcr.io/cloudnative-pg/postgresql:18.4-system-trixie"
"""PostgreSQL in the cluster, and the client of the cloud's own: the image that the operator was released with.
https://github.com/cloudnative-pg/cloudnative-pg/blob/v1.30.0/pkg/versions/versions.go"""

MONGODB_IMAGE = "percona/percona-server-mongodb:8.0.19-7"
"""MongoDB, and the client of dumps: the image that the operator was released with.
https://github.com/percona/percona-server-mongodb-operator/blob/v1.22.0/deploy/cr.yaml"""

MONGODB_BACKUP_IMAGE = "percona/percona-backup-mongodb:2.12.0"
"""What backs MongoDB up from beside it: the image that the operator was released with."""

MONGODB_EXPORTER_IMAGE = "percona/mongodb_exporter:0.53.0"
"""What asks MongoDB for its metrics: https://github.com/percona/mongodb_exporter/releases"""

RABBITMQ_OPERATOR_IMAGE = "ghcr.io/rabbitmq/cluster-operator:2.22.3"
"""The operator of RabbitMQ, which has no chart: https://github.com/rabbitmq/cluster-operator/releases"""

RABBITMQ_IMAGE = "rabbitmq:4.2.6-management"
"""RabbitMQ: the image that the operator was released with.
https://github.com/rabbitmq/cluster-operator/blob/v2.22.3/cmd/main.go"""

REDIS_EXPORTER_TAG = "v1.88.0"
"""What asks Valkey for its metrics: https://github.com/oliver006/redis_exporter/releases"""

TRANSFORMERS_IMAGE = "cr.weaviate.io/semitechnologies/transformers-inference"
"""What makes vectors of texts, with a model in each of its images:
https://github.com/weaviate/t2v-transformers-models"""

TRANSFORMERS_VERSION = "1.13.2"
"""Version of it, which the tags end with: https://github.com/weaviate/t2v-transformers-models/tags"""

NOMINATIM_IMAGE = "mediagis/nominatim:5.3.2"
"""Nominatim, with PostgreSQL 16, PostGIS and osm2pgsql: https://github.com/mediagis/nominatim-docker"""

OTEL_COLLECTOR_IMAGE = "ghcr.io/open-telemetry/opentelemetry-collector-releases/opentelemetry-collector-k8s"
"""The distribution for Kubernetes: https://opentelemetry.io/docs/collector/distributions/"""

OTEL_COLLECTOR_VERSION = "0.158.0"
"""Version of the collector's image."""

JAEGER_VERSION = "2.19.0"
"""Version of Jaeger's image."""

AUTO_INSTRUMENTATION_IMAGES: Mapping[str, str] = {
    language: f"ghcr.io/open-telemetry/opentelemetry-operator/autoinstrumentation-{language}:{version}"
    for language, version in {"python": "0.64b0", "nodejs": "0.78.0", "dotnet": "1.16.0", "java": "2.30.0"}.items()
}
"""What is injected into instrumented services, by language: the versions that the operator was tested with.
https://github.com/open-telemetry/opentelemetry-operator/blob/v0.158.0/versions.txt"""

OKE_KUBERNETES = "v1.35.2"
"""Exact version of OKE control planes and nodes, `v` included; the node image of a stack is built for this very one."""

GKE_KUBERNETES = "1.35"
"""Minor version that GKE clusters start at, in every channel since 2026-09; the channel brings patches and upgrades."""

AKS_KUBERNETES = "1.35"
"""Minor version of AKS clusters and nodes, supported for twelve months from 2026-04; clusters start at its newest one.
https://learn.microsoft.com/azure/aks/supported-kubernetes-versions"""
