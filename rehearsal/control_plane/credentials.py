"""What a control plane is known and entered by: certificates, tokens, an administrator's kubeconfig."""

import base64
import json
import secrets
from pathlib import Path

from rehearsal.control_plane import private_files, trust


def write(name: str, folder: Path, address: str, account: Path | None) -> None:
    """Writes all of them into the folder of a control plane.

    `account` is the folder with the token of the whole rehearsed account, None where that token is not let in.
    """
    own = trust.authority(folder, "authority")
    trust.issue(own, folder / "server.pem", folder / "server.key", ["127.0.0.1", "kubernetes.default.svc"])
    everybodys = trust.public_authority(folder.parent)
    trust.issue(everybodys, folder / "public.pem", folder / "public.key", ["localhost"])
    trust.signing_key(folder / "service-account.key")
    token = secrets.token_urlsafe(32)
    private_files.write(folder / "token", token)
    rows = [(token, "administrator"), *([(account_token(account), "account")] if account else [])]
    table = "".join(f'{known},{user},{user},"system:masters"\n' for known, user in rows)
    private_files.write(folder / "tokens.csv", table)
    private_files.write(folder / "kubeconfig", _kubeconfig(name, address, certificate(folder), token))


def certificate(folder: Path) -> str:
    """A control plane's own authority as clouds hand it out: base64 of PEM."""
    return base64.b64encode((folder / "authority.pem").read_bytes()).decode()


def account_token(folder: Path) -> str:
    """The token of the rehearsed accounts, made where there is none yet."""
    file = folder / "account-token"
    if not file.is_file():
        private_files.write(file, secrets.token_urlsafe(32))
    return file.read_text()


def _kubeconfig(name: str, address: str, authority: str, token: str) -> str:
    cluster = {"server": f"https://{address}", "certificate-authority-data": authority}
    content = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": name, "cluster": cluster}],
        "users": [{"name": name, "user": {"token": token}}],
        "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
        "current-context": name,
    }
    return json.dumps(content)
