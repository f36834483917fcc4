"""Services that are principals of Google Cloud."""

from components.contracts import SECRET_STORE, DaprSecretStore, ServiceAccount, WorkloadIdentity
from components.gke.secrets import GkeSecrets


def principals(project: str, secrets: GkeSecrets) -> dict[ServiceAccount, WorkloadIdentity]:
    """Their identities. The metadata server gives the pods tokens: they need neither annotation nor mount."""
    # Without a key in it, the application default credentials count: those of the pod.
    store = DaprSecretStore(type="secretstores.gcp.secretmanager", metadata={"projectID": project})
    env = {SECRET_STORE: project, "GOOGLE_CLOUD_PROJECT": project}
    return {
        account: WorkloadIdentity(service_account=account, env=env, secret_store=store, grants=[grant])
        for account, grant in secrets.principals.items()
    }
