"""Secrets that containers would make: those of the Jobs with which charts make certificates for their webhooks."""

from collections.abc import Iterator
from itertools import zip_longest
from typing import Any

_IMAGE = "kube-webhook-certgen"
_NAMESPACE_VARIABLE = "$(POD_NAMESPACE)"
_CONTENT = "bm90IHJlYWQgYnkgYW55Ym9keQ=="
"""Pods only wait for the keys to be there: nothing runs that would read them."""


def made_secrets(pod: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The Secrets that the containers of a pod leave behind.

    kube-prometheus-stack and ingress-nginx run `kube-webhook-certgen create` before anything else of theirs. Source:
    github.com/kubernetes/ingress-nginx/tree/main/images/kube-webhook-certgen: the keys are ca, cert and key unless
    --cert-name and --key-name say otherwise.
    """
    for container in pod["spec"]["containers"]:
        words = [*(container.get("command") or []), *(container.get("args") or [])]
        options = _options(words)
        if _IMAGE not in container.get("image", "") or "create" not in words or "secret-name" not in options:
            continue
        namespace = options.get("namespace", _NAMESPACE_VARIABLE)
        keys = ("ca", options.get("cert-name", "cert"), options.get("key-name", "key"))
        yield {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {
                "name": options["secret-name"],
                "namespace": pod["metadata"]["namespace"] if namespace == _NAMESPACE_VARIABLE else namespace,
            },
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
