"""Stands in for kubelogin.

Source: github.com/Azure/kubelogin, pkg/internal/options and pkg/internal/token (flags, ways to log in, what each way
needs, versions of the answer).
"""

import sys
from collections.abc import Mapping, Sequence

from rehearsal.stand_ins.exec_credential import V1, V1BETA1, RefusalError, account_token, answer, asked_version
from rehearsal.stand_ins.flags import parse

SERVER_APPLICATION = "6dae42f8-4368-4678-94ff-3960e28e3630"
"""The application that every AKS API server is. Source: learn.microsoft.com/azure/aks/kubelogin-authentication."""

_VALUES = (
    "authority-host",
    "cache-dir",
    "client-certificate",
    "client-certificate-password",
    "client-id",
    "client-secret",
    "environment",
    "federated-token-file",
    "identity-resource-id",
    "login",
    "login-hint",
    "password",
    "pop-claims",
    "redirect-url",
    "server-id",
    "tenant-id",
    "timeout",
    "token-cache-dir",
    "username",
    "v",
)
_SWITCHES = (
    "disable-environment-override",
    "disable-instance-discovery",
    "help",
    "legacy",
    "pop-enabled",
    "use-azurerm-env-vars",
)
_SHORT = {"-l": "login", "-t": "tenant-id", "-e": "environment", "-h": "help", "-v": "v"}
_NEEDS = {
    "devicecode": ("client-id",),
    "interactive": ("client-id",),
    "spn": ("client-id",),
    "ropc": ("client-id", "username", "password"),
    "msi": (),
    "azurecli": (),
    "azd": (),
    "azurepipelines": ("client-id", "tenant-id"),
    "chained": (),
    "workloadidentity": ("client-id", "federated-token-file"),
}
"""Ways to log in, and the flags that each cannot do without."""
_WITH_A_PERSON = ("devicecode", "interactive")
_ENVIRONMENT = {
    "login": ("AAD_LOGIN_METHOD",),
    "client-id": ("AZURE_CLIENT_ID", "AAD_SERVICE_PRINCIPAL_CLIENT_ID"),
    "federated-token-file": ("AZURE_FEDERATED_TOKEN_FILE",),
    "tenant-id": ("AZURE_TENANT_ID",),
}


def main(arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    """Hands out the account's token: tokens of Entra ID are a person's, for the one application of all AKS clusters."""
    try:
        print(_credential(arguments, environment))
    except RefusalError as error:
        print(f"Error: {error}", file=sys.stderr)
        return 1
    return 0


def _credential(arguments: Sequence[str], environment: Mapping[str, str]) -> str:
    command, *rest = arguments or [""]
    if command == "--version":
        return "kubelogin version \ngit hash: rehearsal"
    if command != "get-token":
        raise RefusalError(f'unknown command "{command}" for "kubelogin"')
    flags, extra = parse(rest, _VALUES, _SWITCHES, _SHORT)
    if extra:
        raise RefusalError(f'unknown command "{extra[0]}" for "kubelogin get-token"')
    version = asked_version(environment) or V1BETA1
    if version not in (V1, V1BETA1):
        raise RefusalError(f"api version: {version} is not supported")
    _check({**_from_environment(flags, environment)})
    token = account_token(environment)
    if token is None:
        raise RefusalError("failed to get token: no rehearsed cluster takes a token of this account")
    return answer(version, token)


def _from_environment(flags: Mapping[str, str], environment: Mapping[str, str]) -> dict[str, str]:
    """What variables say goes before what flags say."""
    found = {
        flag: environment[name]
        for flag, names in _ENVIRONMENT.items()
        for name in reversed(names)
        if name in environment
    }
    return {**flags, **({} if "disable-environment-override" in flags else found)}


def _check(flags: Mapping[str, str]) -> None:
    login = flags.get("login", "devicecode")
    if login not in _NEEDS:
        raise RefusalError(f"'{login}' is not a supported login method. Supported methods: {', '.join(_NEEDS)}")
    for name in ("server-id", *_NEEDS[login]):
        if not flags.get(name):
            raise RefusalError(f"validation failed:\n  - {name.replace('-', '')} is required")
    if flags["server-id"] != SERVER_APPLICATION:
        raise RefusalError(
            f"failed to get token: AADSTS500011: The resource principal named {flags['server-id']} was not found in "
            f"the tenant. AKS API servers are the application {SERVER_APPLICATION}"
        )
    if login in _WITH_A_PERSON:
        raise RefusalError(f"failed to get token: the login {login} waits for a person, and a program has none")
