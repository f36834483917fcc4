"""What the programs in pods would do to the cluster itself, as far as others wait for it.

No container is run. Of most that costs nothing; but where a chart's first Job makes the Secret that its pods mount,
they would wait for it for ever.
"""

import base64
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rehearsal.control_plane.cluster_objects import Object

_CERTIFICATE_MAKER = "kube-webhook-certgen"
"""Makes a Secret with a certificate for a webhook, which kube-prometheus-stack, ingress-nginx and others start as a hook.

Its flags and their defaults: github.com/kubernetes/ingress-nginx/tree/main/images/kube-webhook-certgen.
"""
_DEFAULTS = {"ca-name": "ca", "cert-name": "cert", "key-name": "key"}
_FLAG = re.compile(r"--?(?P<name>[a-z-]+)=(?P<value>.*)")


def secrets_made_by(pod: Object) -> Iterator[Object]:
    """The Secrets that a pod makes when it runs."""
    for container in pod["spec"]["containers"]:
        arguments = [*(container.get("command") or []), *(container.get("args") or [])]
        if _CERTIFICATE_MAKER in container.get("image", "") and "create" in arguments:
            yield _certificate(pod["metadata"]["namespace"], arguments)


def _certificate(own_namespace: str, arguments: list[str]) -> Object:
    given = {match["name"]: match["value"] for one in arguments if (match := _FLAG.fullmatch(one))}
    flags = {**_DEFAULTS, **given}
    contents = _made_for(flags.get("host", "localhost").split(","))
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": flags.get("secret-name", ""), "namespace": flags.get("namespace", own_namespace)},
        "data": {flags[flag]: base64.b64encode(content).decode() for flag, content in contents.items()},
    }


def _made_for(hosts: list[str]) -> dict[str, Any]:
    """Authority, certificate and key, by the flag that says under which key each is kept."""
    # Imported where it is needed: it would double the memory of every kubelet, and few clusters come to it.
    from rehearsal.control_plane import trust

    with tempfile.TemporaryDirectory(prefix="rehearsal-") as name:
        folder = Path(name)
        authority = trust.authority(folder, "webhook")
        trust.issue(authority, folder / "cert", folder / "key", hosts)
        files = {"ca-name": authority.certificate, "cert-name": folder / "cert", "key-name": folder / "key"}
        return {flag: file.read_bytes() for flag, file in files.items()}
