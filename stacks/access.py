"""The access block of a stack: which groups of people may do what in the cluster, by the names that its cloud knows."""

from typing import Annotated, Generic, TypeVar

from pydantic import model_validator

from stacks.accounts import Uuid
from stacks.model import Distinct, Model, at, form

GoogleGroup = Annotated[str, form(r"[^@\s]+@[^@\s]+\.[a-z]+", "the address of a group such as developers@example.com")]
OciGroup = Annotated[str, form(r"ocid1\.group\.oc[0-9]+\.\.[a-z0-9]+", "an OCID such as ocid1.group.oc1..aaaa")]
GroupName = Annotated[str, form(r"(?!system:)\S{1,128}", "the name of a group, none of Kubernetes' own")]

Group = TypeVar("Group", bound=str)


class Access(Model, Generic[Group]):
    """Who may do what in the cluster, besides whoever deploys."""

    admins: Annotated[tuple[Group, ...], Distinct] = ()
    """Groups that may do everything."""

    developers: Annotated[tuple[Group, ...], Distinct] = ()
    """Groups that see everything but Secrets, and in the namespaces of workloads restart, scale, and go into pods."""

    readers: Annotated[tuple[Group, ...], Distinct] = ()
    """Groups that see everything but Secrets."""

    @property
    def groups(self) -> tuple[str, ...]:
        """All of them, each once."""
        return tuple(dict.fromkeys((*self.admins, *self.developers, *self.readers)))


class GkeAccess(Access[GoogleGroup]):
    """Groups of Google Workspace or Cloud Identity. Each is a member of the group `gke-security-groups` of its domain:
    https://cloud.google.com/kubernetes-engine/docs/how-to/google-groups-rbac
    """

    @model_validator(mode="after")
    def _groups_are_of_one_domain(self) -> "GkeAccess":
        if len({group.partition("@")[2] for group in self.groups}) > 1:
            raise at(("admins", "groups of several domains; a cluster knows those of one"))
        return self

    @property
    def security_group(self) -> str | None:
        """The group that a cluster knows the others by; none where no group is given."""
        return f"gke-security-groups@{self.groups[0].partition('@')[2]}" if self.groups else None


class AksAccess(Access[Uuid]):
    """Object ids of Entra groups. Those of `account.admin_group_ids` are administrators besides."""


class OkeAccess(Access[OciGroup]):
    """OCIDs of groups of the tenancy."""


class LocalAccess(Access[GroupName]):
    """Names of groups, as the organisation of a client's certificate gives them."""
