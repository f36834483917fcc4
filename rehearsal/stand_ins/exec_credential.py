"""What a client of Kubernetes tells a command that it asks for a token, and what it reads from it.

Source: kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins.
"""

import json
import os
from collections.abc import Mapping

V1 = "client.authentication.k8s.io/v1"
V1BETA1 = "client.authentication.k8s.io/v1beta1"
_ASKED = "KUBERNETES_EXEC_INFO"
_PLANES = "control-planes"


class RefusalError(Exception):
    """A call that the command in question refuses, in its own words."""


def asked_version(environment: Mapping[str, str]) -> str:
    """The version of the answer that the client wants; empty where it does not say."""
    info = environment.get(_ASKED, "")
    if not info:
        return ""
    try:
        asked = json.loads(info)
    except ValueError as error:
        raise RefusalError(f'cannot unmarshal "{info}" to ExecCredential: {error}') from error
    return str(asked.get("apiVersion", "")) if isinstance(asked, dict) else ""


def answer(version: str, token: str) -> str:
    """The credential, without an end: a rehearsed token lasts as long as its control plane."""
    return json.dumps({"kind": "ExecCredential", "apiVersion": version, "spec": {}, "status": {"token": token}})


def account_token(environment: Mapping[str, str]) -> str | None:
    """The token of the rehearsed account; None while nothing in it takes one."""
    return _text(os.path.join(_home(environment), _PLANES, "account-token"))  # noqa: PTH118 (pathlib starts slowly)


def cluster_token(environment: Mapping[str, str], cluster: str, region: str) -> str | None:
    """The token of one rehearsed cluster; None where there is no cluster of this id in the region, if one is named."""
    planes = os.path.join(_home(environment), _PLANES)  # noqa: PTH118
    try:
        names = os.listdir(planes)  # noqa: PTH208
    except OSError:
        return None
    for name in names:
        found = _record(os.path.join(planes, name, "cluster.json"))  # noqa: PTH118
        if found.get("id") == cluster and region in ("", found.get("region")):
            return _text(os.path.join(planes, name, "token"))  # noqa: PTH118
    return None


def _record(file: str) -> dict[str, str]:
    """Which cluster a control plane is behind; nothing where that cannot be read."""
    try:
        found = json.loads(_text(file) or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _home(environment: Mapping[str, str]) -> str:
    home = environment.get("REHEARSAL_HOME")
    if not home:
        raise RefusalError("REHEARSAL_HOME is not set: this stand-in serves rehearsals alone")
    return home


def _text(file: str) -> str | None:
    try:
        with open(file, encoding="utf-8") as opened:  # noqa: PTH123
            return opened.read()
    except OSError:
        return None
