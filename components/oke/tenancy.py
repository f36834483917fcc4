"""Where an OKE stack lives in its tenancy: compartment, names, tags, and the two providers that reach it."""

from typing import Any

import pulumi
import pulumi_oci as oci

from components.naming import physical_name
from stacks.settings import OkeStack


class OkeTenancy:
    """What all parts of one stack have in common."""

    def __init__(self, stack: OkeStack) -> None:
        account = stack.account
        self.stack = stack
        self.tenancy = account.tenancy_ocid
        self.compartment = account.compartment_ocid
        self.region = account.region
        self.cluster_name = physical_name(stack.name, stack.environment, limit=40)
        self.tags = {"managed-by": "groundwork", "environment": stack.environment}
        self.provider = oci.Provider("oci", tenancy_ocid=account.tenancy_ocid, region=account.region)
        # Users, groups and policies are written in the tenancy's home region, and nowhere else.
        self.home = oci.Provider("oci-home", tenancy_ocid=account.tenancy_ocid, region=account.home_region)
        self.opts = pulumi.ResourceOptions(providers=[self.provider])
        self.namespace: pulumi.Output[Any] = oci.objectstorage.get_namespace_output(
            compartment_id=account.tenancy_ocid, opts=pulumi.InvokeOutputOptions(provider=self.provider)
        ).namespace
