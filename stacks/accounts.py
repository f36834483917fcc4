"""The account block of a stack: whose cloud it is deployed to. `make configure` asks for these."""

from typing import Annotated

from pydantic import Field

from stacks.model import Distinct, Model, form

Uuid = Annotated[
    str,
    form(
        r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
        "an id in lower case such as 00000000-0000-0000-0000-000000000000",
    ),
]

AzureLocation = Annotated[str, form(r"[a-z]+[0-9]?", "a region in Azure's short form, such as westeurope")]

OciRegion = Annotated[str, form(r"[a-z]+-[a-z]+-[0-9]", "a region such as eu-frankfurt-1")]


class GkeAccount(Model):
    """A Google Cloud project."""

    project: Annotated[str, form(r"[a-z][a-z0-9-]{4,28}[a-z0-9]", "a project id such as acme-platform-dev")]
    """Id of the project that everything is created in. It exists, and billing is enabled for it. Changing it
    replaces everything."""

    region: Annotated[str, form(r"[a-z]+-[a-z]+[0-9]{1,2}", "a region such as europe-west1")]
    """Region of the network, the cluster, the registry and the buckets. Changing it replaces everything that lies in
    it."""


class AksAccount(Model):
    """An Azure subscription."""

    subscription_id: Uuid
    """Id of the subscription that everything is created in. Changing it replaces everything."""

    tenant_id: Uuid
    """Id of the Entra tenant that the subscription trusts. Changing it replaces everything."""

    location: AzureLocation
    """Region, in Azure's short form. Changing it replaces everything."""

    admin_group_ids: Annotated[tuple[Uuid, ...], Distinct] = Field(min_length=1)
    """Object ids of the Entra groups whose members administer the cluster. Whoever deploys is in one of them."""


REGIONS_OF_THREE_DOMAINS = ("eu-frankfurt-1", "uk-london-1", "us-ashburn-1", "us-phoenix-1")
"""Regions of Oracle Cloud with more than one availability domain:
https://docs.oracle.com/iaas/Content/General/Concepts/regions.htm"""


class OkeAccount(Model):
    """A compartment of an Oracle Cloud tenancy."""

    tenancy_ocid: Annotated[
        str, form(r"ocid1\.tenancy\.oc[0-9]+\..*\.[a-z0-9]+", "an OCID such as ocid1.tenancy.oc1..aaaa")
    ]
    """OCID of the tenancy. Changing it replaces everything."""

    compartment_ocid: Annotated[
        str,
        form(r"ocid1\.(compartment|tenancy)\.oc[0-9]+\..*\.[a-z0-9]+", "an OCID such as ocid1.compartment.oc1..aaaa"),
    ]
    """OCID of the compartment that everything is created in. Changing it replaces the cluster, with whatever runs in
    it; most else moves."""

    region: OciRegion
    """Region of the network, the cluster, the registry and the buckets. Changing it replaces everything that lies in
    it, and neither users nor policies."""

    home_region: OciRegion
    """The tenancy's home region: the only one that takes changes to users, groups and policies."""


class LocalAccount(Model):
    """A context of the user's own kubeconfig."""

    context: str = Field(min_length=1)
    """Name of the context, as `kubectl config get-contexts` lists it. Another one is another cluster, which
    everything is installed in anew."""
