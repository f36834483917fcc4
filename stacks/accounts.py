"""The account block of a stack: whose cloud it is deployed to. `make configure` asks for these."""

from typing import Annotated

from pydantic import Field, StringConstraints

from stacks.model import Model

Uuid = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]


class GkeAccount(Model):
    """A Google Cloud project."""

    project: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{4,28}[a-z0-9]$")] = Field(
        examples=["acme-platform-dev"]
    )
    """Id of the project that everything is created in. It exists, and billing is enabled for it."""

    region: Annotated[str, StringConstraints(pattern=r"^[a-z]+-[a-z]+[0-9]{1,2}$")] = Field(examples=["europe-west1"])
    """Region of the network, the cluster, the registry and the buckets."""


class AksAccount(Model):
    """An Azure subscription."""

    subscription_id: Uuid = Field(examples=["00000000-0000-0000-0000-000000000000"])
    """Id of the subscription that everything is created in."""

    tenant_id: Uuid = Field(examples=["00000000-0000-0000-0000-000000000000"])
    """Id of the Entra tenant that the subscription trusts."""

    location: Annotated[str, StringConstraints(pattern=r"^[a-z]+[0-9]?$")] = Field(examples=["westeurope"])
    """Region, in Azure's short form."""

    admin_group_ids: tuple[Uuid, ...] = Field(min_length=1, examples=["00000000-0000-0000-0000-000000000000"])
    """Object ids of the Entra groups whose members administer the cluster. Whoever deploys is in one of them."""


class OkeAccount(Model):
    """A compartment of an Oracle Cloud tenancy."""

    tenancy_ocid: Annotated[str, StringConstraints(pattern=r"^ocid1\.tenancy\.oc[0-9]+\..*\.[a-z0-9]+$")] = Field(
        examples=["ocid1.tenancy.oc1..aaaa"]
    )
    """OCID of the tenancy."""

    compartment_ocid: Annotated[
        str, StringConstraints(pattern=r"^ocid1\.(compartment|tenancy)\.oc[0-9]+\..*\.[a-z0-9]+$")
    ] = Field(examples=["ocid1.compartment.oc1..aaaa"])
    """OCID of the compartment that everything is created in."""

    region: Annotated[str, StringConstraints(pattern=r"^[a-z]+-[a-z]+-[0-9]$")] = Field(examples=["eu-frankfurt-1"])
    """Region of the network, the cluster, the registry and the buckets."""

    home_region: Annotated[str, StringConstraints(pattern=r"^[a-z]+-[a-z]+-[0-9]$")] = Field(
        examples=["eu-frankfurt-1"]
    )
    """The tenancy's home region: the only one that takes changes to users, groups and policies."""


class LocalAccount(Model):
    """A context of the user's own kubeconfig."""

    context: str = Field(min_length=1, examples=["kind-groundwork"])
    """Name of the context, as `kubectl config get-contexts` lists it."""
