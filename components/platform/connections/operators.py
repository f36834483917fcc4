"""Connections of operators and controllers: each has the Kubernetes API, some a webhook, some a cloud."""

from components.contracts import CERTIFICATES_SOLVER, DNS_WRITER, SECRETS_READER, Dns
from components.namespaces import CLOUDNATIVE_PG, KEDA, PERCONA_MONGODB, RABBITMQ_OPERATOR, RELOADER, STRIMZI
from components.network.connections import Connection, Place, Pods, connect, tcp, udp
from components.own_ca import OWN_CA
from components.platform import barman_plugin, cloudnative_pg, percona_mongodb, rabbitmq_operator, strimzi
from components.platform.connections.metrics import PROMETHEUS_PORT
from components.platform.connections.situation import HTTPS, PROMETHEUS, Situation, port_of, scraped
from components.platform.issuers import LETS_ENCRYPT
from components.platform.solver_webhook_pods import PORT as SOLVER_PORT
from components.platform.solver_webhook_pods import labels as solver_labels
from stacks.tls import Tls

DNS_PORT = 53


KAFKA_OPERATOR = Pods(name="strimzi", namespace=STRIMZI, labels=strimzi.OPERATOR)
POSTGRES_OPERATOR = Pods(name="cnpg", namespace=CLOUDNATIVE_PG, labels=cloudnative_pg.OPERATOR)
BARMAN_PLUGIN = Pods(name=barman_plugin.RELEASE, namespace=CLOUDNATIVE_PG, labels=barman_plugin.PLUGIN)
MONGODB_OPERATOR = Pods(name="percona-mongodb", namespace=PERCONA_MONGODB, labels=percona_mongodb.OPERATOR)
RABBITMQ = Pods(name="rabbitmq-operator", namespace=RABBITMQ_OPERATOR, labels=rabbitmq_operator.OPERATOR)


def _named(namespace: str, name: str) -> Pods:
    return Pods(name=name, namespace=namespace, labels={"app.kubernetes.io/name": name})


KEDA_OPERATOR = _named(KEDA, "keda-operator")
KEDA_METRICS = _named(KEDA, "keda-operator-metrics-apiserver")
KEDA_WEBHOOKS = _named(KEDA, "keda-admission-webhooks")

CERT_MANAGER = _named(CERTIFICATES_SOLVER.namespace, "cert-manager")
CAINJECTOR = _named(CERTIFICATES_SOLVER.namespace, "cainjector")
CERT_MANAGER_WEBHOOK = _named(CERTIFICATES_SOLVER.namespace, "webhook")
CERT_MANAGER_CHECK = _named(CERTIFICATES_SOLVER.namespace, "startupapicheck")
"""The Job that ends once the webhook answers."""

EXTERNAL_SECRETS = _named(SECRETS_READER.namespace, "external-secrets")
EXTERNAL_SECRETS_WEBHOOK = _named(SECRETS_READER.namespace, "external-secrets-webhook")
EXTERNAL_SECRETS_CERTIFICATES = _named(SECRETS_READER.namespace, "external-secrets-cert-controller")

RELOADER_PODS = _named(RELOADER, "reloader")

EXTERNAL_DNS = _named(DNS_WRITER.namespace, "external-dns")


def to_the_api(*operators: Pods) -> list[Connection]:
    """What makes an operator one."""
    return [one for pods in operators for one in connect(pods, Place.API_SERVER, why="looks after its objects")]


def webhook(pods: Pods, port: int) -> list[Connection]:
    """Where the API server asks. It shows who it is by nothing that a policy sees; who asks proves itself by TLS."""
    return connect(Place.ANYBODY, pods, tcp(port), why="webhook")


def cloud(pods: Pods, why: str) -> list[Connection]:
    """A cloud's own API, and the identity to use it with."""
    return [
        *connect(pods, Place.OUTSIDE, tcp(HTTPS), why=why),
        *connect(pods, Place.IDENTITY, why=f"identity: {why}"),
    ]


def keda_connections() -> list[Connection]:
    """Between a query and a number of replicas."""
    return [
        *to_the_api(KEDA_OPERATOR, KEDA_METRICS, KEDA_WEBHOOKS),
        *webhook(KEDA_WEBHOOKS, 9443),
        *connect(Place.ANYBODY, KEDA_METRICS, tcp(6443), why="API of external metrics"),
        *connect(KEDA_METRICS, KEDA_OPERATOR, tcp(9666), why="values of external metrics"),
        *connect(KEDA_OPERATOR, PROMETHEUS, tcp(PROMETHEUS_PORT), why="triggers"),
        *(one for pods in (KEDA_OPERATOR, KEDA_METRICS, KEDA_WEBHOOKS) for one in scraped(pods, 8080)),
    ]


def certificates_connections(situation: Situation) -> list[Connection]:
    """Between a Certificate and its authority."""
    return [
        *to_the_api(CERT_MANAGER, CAINJECTOR, CERT_MANAGER_WEBHOOK, CERT_MANAGER_CHECK),
        *webhook(CERT_MANAGER_WEBHOOK, 10250),
        *(one for pods in (CERT_MANAGER, CAINJECTOR, CERT_MANAGER_WEBHOOK) for one in scraped(pods, 9402)),
        *(
            _challenges(situation.dns, situation.stack.tls)
            if situation.dns and situation.stack.tls.issuer != OWN_CA
            else []
        ),
    ]


def _solver(dns: Dns) -> Pods:
    """What answers challenges in cert-manager's place."""
    account = dns.solver_identity.service_account
    return Pods(name=account.name, namespace=account.namespace, labels=solver_labels(account.name))


def _challenges(dns: Dns, tls: Tls) -> list[Connection]:
    name_servers = (*udp(DNS_PORT), *tcp(DNS_PORT))
    challenge = "records that prove the domain"
    solver = _solver(dns) if dns.solver_webhook else None
    return [
        *connect(CERT_MANAGER, Place.OUTSIDE, tcp(HTTPS), why="whose zone a name is in"),
        *connect(
            CERT_MANAGER, Place.OUTSIDE, tcp(port_of(tls.acme_server or LETS_ENCRYPT[tls.issuer])), why="authority"
        ),
        *connect(CERT_MANAGER, Place.OUTSIDE, name_servers, why="whether name servers know the record"),
        *cloud(solver or CERT_MANAGER, challenge),
        *([*to_the_api(solver), *webhook(solver, SOLVER_PORT)] if solver else []),
    ]


def records_connections() -> list[Connection]:
    """Between a Service and a record of the zone."""
    return [*to_the_api(EXTERNAL_DNS), *cloud(EXTERNAL_DNS, "records of hosts"), *scraped(EXTERNAL_DNS, 7979)]


def secrets_connections(situation: Situation) -> list[Connection]:
    """Between a vault and a Secret. Where no cloud runs the cluster, the vault is a namespace of it."""
    parts = (EXTERNAL_SECRETS, EXTERNAL_SECRETS_WEBHOOK, EXTERNAL_SECRETS_CERTIFICATES)
    return [
        *to_the_api(*parts),
        *webhook(EXTERNAL_SECRETS_WEBHOOK, 10250),
        *(one for pods in parts for one in scraped(pods, 8080)),
        *_vault(situation),
    ]


def _vault(situation: Situation) -> list[Connection]:
    elsewhere = situation.stack.secrets.vault
    if elsewhere is not None:
        return connect(EXTERNAL_SECRETS, Place.OUTSIDE, tcp(port_of(elsewhere.address)), why="vault")
    return cloud(EXTERNAL_SECRETS, "vault") if situation.stack.cloud_services else []


def reloader_connections() -> list[Connection]:
    """Between a Secret and the pods that have read it."""
    return [*to_the_api(RELOADER_PODS), *scraped(RELOADER_PODS, 9090)]


def data_operators_connections(situation: Situation) -> list[Connection]:
    """Of the operators of data services, where workloads ask for them. Each workload opens its own to them."""
    needs = situation.applications.data
    kafka = [*to_the_api(KAFKA_OPERATOR), *scraped(KAFKA_OPERATOR, 8080)]
    postgres = [*to_the_api(POSTGRES_OPERATOR), *webhook(POSTGRES_OPERATOR, 9443), *scraped(POSTGRES_OPERATOR, 8080)]
    if situation.stack.cloud_services:
        asks = connect(POSTGRES_OPERATOR, BARMAN_PLUGIN, tcp(barman_plugin.PORT), why="what backups need")
        postgres += [*to_the_api(BARMAN_PLUGIN), *asks]
    return [
        *(kafka if needs.kafka else []),
        *(postgres if needs.postgres and not situation.managed_postgres else []),
        *([*to_the_api(MONGODB_OPERATOR), *scraped(MONGODB_OPERATOR, 8080)] if needs.mongodb else []),
        *([*to_the_api(RABBITMQ), *scraped(RABBITMQ, rabbitmq_operator.METRICS_PORT)] if needs.rabbitmq else []),
    ]
