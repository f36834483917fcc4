"""Where a GKE stack lives in its project: region, names, labels, and what every other part is built on."""

import pulumi
import pulumi_gcp as gcp

from components.gke.apis import APIS, POSTGRES_APIS, QUEUE_APIS, GkeApis, GkeApisArgs
from components.gke.encryption import GkeKey, GkeKeyArgs, GkeKeyRing, GkeKeyRingArgs
from components.naming import physical_name
from stacks.settings import GkeStack


class GkeProject:
    """What all parts of one stack have in common."""

    def __init__(self, stack: GkeStack, *, queues: bool = False) -> None:
        self.stack = stack
        self.project = stack.account.project
        self.region = stack.account.region
        self.cluster_name = physical_name(stack.name, stack.environment, limit=40)
        self.labels = {"managed-by": "groundwork", "environment": stack.environment}
        self.provider = gcp.Provider("gcp", project=self.project, region=self.region, default_labels=self.labels)
        self.opts = pulumi.ResourceOptions(providers=[self.provider])
        apis = APIS + (POSTGRES_APIS if stack.postgres else ()) + (QUEUE_APIS if queues else ())
        self.apis = GkeApis("apis", GkeApisArgs(apis=apis), self.opts)
        ring = GkeKeyRingArgs(key_ring=self.cluster_name, location=self.region, kms_api=self.apis["cloudkms"])
        self.ring = GkeKeyRing("encryption", ring, self.opts)

    def key(self, name: str, service: str) -> GkeKey:
        """A key of the stack's ring, for one of Google's services."""
        args = GkeKeyArgs(ring=self.ring.ring_id, service=service, api=self.apis[service], protect=self.stack.protect)
        return GkeKey(f"{name}-encryption", args, self.opts)
