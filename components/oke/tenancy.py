"""Where an OKE stack lives in its tenancy: compartment, names, tags, and the two providers that reach it."""

from typing import Any

import pulumi
import pulumi_oci as oci

from components.account_move import replaced_on_move
from components.naming import physical_name
from stacks.settings import OkeStack

EVERYWHERE = ("oci:Dns/", "oci:Identity/")
"""Modules whose resources are the same in every region of a tenancy: public zones, whose scope is `GLOBAL`, and users,
groups and policies. https://docs.oracle.com/iaas/Content/General/Concepts/regions.htm"""


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
        place = f"{account.tenancy_ocid}/{account.region}"
        # Replaced too, so that whatever is in the old place is still deleted there.
        self.provider = oci.Provider(
            "oci",
            tenancy_ocid=account.tenancy_ocid,
            region=account.region,
            opts=pulumi.ResourceOptions(replacement_trigger=place),
        )
        # Users, groups and policies are written in the tenancy's home region, and nowhere else.
        self.home = oci.Provider(
            "oci-home",
            tenancy_ocid=account.tenancy_ocid,
            region=account.home_region,
            opts=pulumi.ResourceOptions(replacement_trigger=account.tenancy_ocid),
        )
        self.opts = pulumi.ResourceOptions(
            providers=[self.provider],
            transformations=[replaced_on_move({**dict.fromkeys(EVERYWHERE, account.tenancy_ocid), "oci:": place})],
        )
        self.namespace: pulumi.Output[Any] = oci.objectstorage.get_namespace_output(
            compartment_id=account.tenancy_ocid, opts=pulumi.InvokeOutputOptions(provider=self.provider)
        ).namespace
