"""What GKE's components deliver, in the terms of the platform."""

from components.contracts import (
    CERTIFICATES_SOLVER,
    DNS_WRITER,
    SECRETS_READER,
    Dns,
    ManagedPostgres,
    SecretStore,
    ServiceAccount,
    WorkloadIdentity,
)
from components.gke.dns import GkeDns, external_dns_values, solver
from components.gke.postgres import ADMINISTRATOR, PORT, GkePostgresServer
from components.gke.secrets import GkeSecrets, secret_store_provider


def secret_store(project: str, secrets: GkeSecrets) -> SecretStore:
    """The project's Secret Manager."""
    return SecretStore(
        vault=project,
        provider=secret_store_provider(project),
        reader=WorkloadIdentity(service_account=SECRETS_READER, grants=[secrets.reader]),
    )


def principals(project: str, secrets: GkeSecrets) -> dict[ServiceAccount, WorkloadIdentity]:
    """Identities of services. The metadata server gives their pods tokens: they need neither annotation nor mount."""
    env = {"SECRET_STORE": project, "GOOGLE_CLOUD_PROJECT": project}
    return {
        account: WorkloadIdentity(service_account=account, env=env, grants=[grant])
        for account, grant in secrets.principals.items()
    }


def dns(project: str, zone: str, domain: str, delivered: GkeDns) -> Dns:
    """The zone in Cloud DNS."""
    return Dns(
        name_servers=delivered.name_servers,
        solver=solver(project, zone),
        solver_identity=WorkloadIdentity(service_account=CERTIFICATES_SOLVER, grants=delivered.solver_grants),
        external_dns=external_dns_values(project, zone, domain),
        records_identity=WorkloadIdentity(service_account=DNS_WRITER, grants=delivered.records_grants),
    )


def postgres(server: GkePostgresServer) -> ManagedPostgres:
    """The instance in Cloud SQL."""
    return ManagedPostgres(
        host=server.host,
        port=PORT,
        username=ADMINISTRATOR,
        password=server.password,
        # The certificate has the instance's name in Google Cloud, and not its address:
        # https://cloud.google.com/sql/docs/postgres/configure-ssl-instance
        ssl_mode="verify-ca",
        server_ca=server.server_ca,
        ready=[server.administrator],
    )
