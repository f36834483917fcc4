"""Pushes every sample to a store outside: Mimir, Thanos, a cloud's managed Prometheus."""

from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes

from components.namespaces import MONITORING
from stacks.observability import RemoteWrite

SECRET = "prometheus-remote-write"


@dataclass(frozen=True, kw_only=True)
class LongTermStoreArgs:
    target: RemoteWrite
    """Where samples are pushed, and by whom."""

    password: pulumi.Input[str] | None
    """Password of the user, or a token where none is named; none for a store that asks for neither."""

    namespace: pulumi.Resource
    """The namespace that Prometheus runs in: `monitoring`."""


class LongTermStore(pulumi.ComponentResource):
    """The credential that Prometheus pushes its samples with, handed over by the name of a Secret."""

    remote_write: pulumi.Output[list[dict[str, Any]]]
    """The `remoteWrite` list of Prometheus: https://prometheus-operator.dev/docs/api-reference/api/#remotewritespec"""

    def __init__(self, name: str, args: LongTermStoreArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:LongTermStore", name, {}, opts)
        password = args.password
        self.secret = None if password is None else self._credential(f"{name}-credential", args, password)

        self.remote_write = pulumi.Output.from_input([remote_write(args.target, has_credential=bool(self.secret))])
        self.register_outputs({"remote_write": self.remote_write})

    def _credential(self, name: str, args: LongTermStoreArgs, password: pulumi.Input[str]) -> pulumi.Resource:
        user = args.target.username
        return kubernetes.core.v1.Secret(
            name,
            metadata=kubernetes.meta.v1.ObjectMetaArgs(name=SECRET, namespace=MONITORING),
            string_data={"username": user, "password": password} if user else {"token": password},
            opts=pulumi.ResourceOptions(parent=self, depends_on=[args.namespace]),
        )


def remote_write(target: RemoteWrite, *, has_credential: bool) -> dict[str, Any]:
    """One entry of Prometheus's `remoteWrite`, its credential by the name of the Secret."""

    def from_secret(key: str) -> dict[str, str]:
        return {"name": SECRET, "key": key}

    entry: dict[str, Any] = {"url": target.url, "sendExemplars": True}
    if not has_credential:
        return entry
    if target.username:
        return {**entry, "basicAuth": {"username": from_secret("username"), "password": from_secret("password")}}
    return {**entry, "authorization": {"type": "Bearer", "credentials": from_secret("token")}}
