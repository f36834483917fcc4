"""Stands in for gke-gcloud-auth-plugin.

Source: cmd/gke-gcloud-auth-plugin of github.com/kubernetes/cloud-provider-gcp (flags, messages; its answer is of
version v1beta1 whatever is asked for, which a client that wants another refuses).
"""

import sys
from collections.abc import Mapping, Sequence

from rehearsal.stand_ins.exec_credential import V1BETA1, RefusalError, account_token, answer, asked_version
from rehearsal.stand_ins.flags import parse

_VALUES = (
    "account",
    "cluster",
    "configuration",
    "impersonate_service_account",
    "location",
    "project",
    "v",
    "vmodule",
)
_SWITCHES = ("help", "logtostderr", "use_application_default_credentials", "use_edge_cloud", "version")
_SHORT = {"-h": "help", "-v": "v"}


def main(arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    """Hands out the account's token: Google's tokens are a person's, and good for all of their clusters."""
    try:
        flags, _ = parse(arguments, _VALUES, _SWITCHES, _SHORT)
    except RefusalError as error:
        print(f"{error}\nUsage of gke-gcloud-auth-plugin:", file=sys.stderr)
        return 2
    try:
        print(_credential(flags, environment))
    except RefusalError as error:
        print(f"F main.go] print credential failed with error: {error}", file=sys.stderr)
        return 1
    return 0


def _credential(flags: Mapping[str, str], environment: Mapping[str, str]) -> str:
    if "version" in flags:
        return "Kubernetes v1.36.0+rehearsal"
    if flags.get("use_edge_cloud", "false") != "false" and not all(
        flags.get(name) for name in ("project", "location", "cluster")
    ):
        raise RefusalError("for --use_edge_cloud: --project, --location and --cluster are required")
    asked_version(environment)
    token = account_token(environment)
    if token is None:
        raise RefusalError("Failed to retrieve access token:: no rehearsed cluster takes a token of this account")
    return answer(V1BETA1, token)
