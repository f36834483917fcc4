"""What the pods of one namespace pull images with, from a registry that takes no identity of a node."""

import json
from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as kubernetes

from components.contracts import PullCredential


@dataclass(frozen=True, kw_only=True)
class ImagePullArgs:
    credential: PullCredential
    """The registry's user and token."""

    namespace: str
    """Namespace of the pods."""

    exists: pulumi.Resource
    """The namespace, as the resource to depend on."""


class ImagePull(pulumi.ComponentResource):
    """A Secret that the kubelet reads when it pulls, named by the token that is in use."""

    def __init__(self, name: str, args: ImagePullArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:ImagePull", name, {}, opts)
        self.secret_name = f"registry-{args.credential.generation}"
        """Pods do not notice a Secret that changes, but one of another name."""

        self.secret = kubernetes.core.v1.Secret(
            f"{name}-secret",
            metadata=kubernetes.meta.v1.ObjectMetaArgs(name=self.secret_name, namespace=args.namespace),
            type="kubernetes.io/dockerconfigjson",
            string_data={".dockerconfigjson": docker_config(args.credential)},
            opts=pulumi.ResourceOptions(parent=self, depends_on=[args.exists]),
        )
        self.register_outputs({})


def docker_config(credential: PullCredential) -> pulumi.Output[str]:
    """The credential in the form of Docker's own configuration file.

    https://kubernetes.io/docs/tasks/configure-pod-container/pull-image-private-registry/
    """
    login = pulumi.Output.secret(pulumi.Output.all(username=credential.username, password=credential.token))
    return login.apply(lambda parts: json.dumps({"auths": {credential.server: parts}}))
