"""Services that are principals of Google Cloud."""

from components.contracts import SECRET_STORE, ServiceAccount, WorkloadIdentity
from components.gke.secrets import GkeSecrets


def principals(project: str, secrets: GkeSecrets) -> dict[ServiceAccount, WorkloadIdentity]:
    """Their identities. The metadata server gives the pods tokens: they need neither annotation nor mount."""
    env = {SECRET_STORE: project, "GOOGLE_CLOUD_PROJECT": project}
    return {
        account: WorkloadIdentity(service_account=account, env=env, grants=[grant])
        for account, grant in secrets.principals.items()
    }
