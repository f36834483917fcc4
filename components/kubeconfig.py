"""Kubeconfigs that hold no credential: a server, its authority, and the plugin that asks for a token at each use."""

import json
from collections.abc import Mapping
from typing import Any, cast

import yaml


def render(name: str, server: str, ca_certificate: str | None, plugin: Mapping[str, Any]) -> str:
    """One cluster, one user, one context, all called `name`, as JSON.

    `ca_certificate` is base64, as clouds give it; none for a server whose certificate is publicly trusted. `plugin` is
    the command and what is particular to it; it is never one that waits for a person.
    """
    trust = {"certificate-authority-data": ca_certificate} if ca_certificate else {}
    command = {"apiVersion": "client.authentication.k8s.io/v1beta1", "interactiveMode": "Never", **plugin}
    return json.dumps(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": name, "cluster": {"server": server, **trust}}],
            "users": [{"name": name, "user": {"exec": command}}],
            "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
            "current-context": name,
        },
        sort_keys=True,
    )


def server_and_authority(given: str | bytes) -> tuple[str, str]:
    """What is kept of a kubeconfig that a cloud gives: the first cluster's server and certificate, no credential."""
    content = cast("Mapping[str, list[Mapping[str, Mapping[str, str]]]]", yaml.safe_load(given))
    cluster = content["clusters"][0]["cluster"]
    return cluster["server"], cluster["certificate-authority-data"]
