"""Secrets that containers would make: certificates of Jobs before an operator, and of operators themselves."""

import re
from collections.abc import Iterable, Iterator
from itertools import zip_longest
from typing import Any

_IMAGE = "kube-webhook-certgen"
_NAMESPACE_VARIABLE = "$(POD_NAMESPACE)"
_ROTATED = ("ca.crt", "ca.key", "tls.crt", "tls.key")
_CONTENT = "bm90IHJlYWQgYnkgYW55Ym9keQ=="
"""Pods only wait for the keys to be there: nothing runs that would read them."""


def made_secrets(pod: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The Secrets that the containers of a pod leave behind.

    kube-prometheus-stack and ingress-nginx run `kube-webhook-certgen create` before anything else of theirs. Source:
    github.com/kubernetes/ingress-nginx/tree/main/images/kube-webhook-certgen: the keys are ca, cert and key unless
    --cert-name and --key-name say otherwise. KEDA's operator makes the certificate that its other pods mount:
    github.com/kedacore/keda/blob/v2.20.2/pkg/certificates/certificate_manager.go. Jobs of Consul's chart make the
    certificate of its servers and the key of their gossip:
    github.com/hashicorp/consul-k8s/tree/v2.0.3/control-plane/subcommand.
    """
    for container in pod["spec"]["containers"]:
        words = [*(container.get("command") or []), *(container.get("args") or [])]
        options = _options(words)
        if _IMAGE in container.get("image", "") and "create" in words and "secret-name" in options:
            namespace = options.get("namespace", _NAMESPACE_VARIABLE)
            inside = pod["metadata"]["namespace"] if namespace == _NAMESPACE_VARIABLE else namespace
            keys = ("ca", options.get("cert-name", "cert"), options.get("key-name", "key"))
            yield _secret(options["secret-name"], inside, keys)
        if options.get("enable-cert-rotation") == "true" and "cert-secret-name" in options:
            yield _secret(options["cert-secret-name"], pod["metadata"]["namespace"], _ROTATED)
        yield from _of_consul(" ".join(words), pod["metadata"]["namespace"])


def _of_consul(script: str, namespace: str) -> Iterator[dict[str, Any]]:
    found = {name: value.strip('"') for name, value in re.findall(r"\s-([a-z0-9-]+)=(\S+)", script)}
    if "consul-k8s-control-plane tls-init " in script:
        yield _secret(f"{found['name-prefix']}-server-cert", namespace, ("tls.crt", "tls.key"))
    if "consul-k8s-control-plane gossip-encryption-autogenerate " in script:
        yield _secret(found["secret-name"], namespace, (found["secret-key"],))


def _secret(name: str, namespace: str, keys: Iterable[str]) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name, "namespace": namespace},
        "data": dict.fromkeys(keys, _CONTENT),
    }


def _options(words: list[str]) -> dict[str, str]:
    """Values of the options, given as --name=value or --name value."""
    found: dict[str, str] = {}
    for word, after in zip_longest(words, words[1:], fillvalue=""):
        if word.startswith("--"):
            name, equals, value = word.removeprefix("--").partition("=")
            found[name] = value if equals else after
    return found
