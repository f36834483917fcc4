"""Which groups of people a stack's settings take."""

from typing import Any

import pytest

from stacks.problems import SettingsError
from stacks.settings import GkeStack, parse
from tests.plans import settings_of

ENTRA = "00000000-0000-4000-8000-00000000000a"


def parsed(stack: str, **access: Any) -> Any:
    return parse({**settings_of(stack), "access": access})


@pytest.mark.parametrize(
    ("stack", "group", "problem"),
    [
        ("gke-dev", "developers", "access.readers.0: expected the address of a group such as developers@example.com"),
        ("aks-dev", "developers", "access.readers.0: expected an id in lower case"),
        ("oke-dev", "developers", "access.readers.0: expected an OCID such as ocid1.group.oc1..aaaa"),
        ("local-dev", "system:masters", "access.readers.0: expected the name of a group, none of Kubernetes' own"),
    ],
)
def test_a_group_is_called_what_its_cloud_calls_it(stack: str, group: str, problem: str):
    with pytest.raises(SettingsError) as caught:
        parsed(stack, readers=[group])

    assert [one[: len(problem)] for one in caught.value.problems] == [problem]


def test_a_cluster_of_google_knows_the_groups_of_one_domain():
    with pytest.raises(SettingsError) as caught:
        parsed("gke-dev", admins=["a@acme.example"], readers=["b@other.example"])

    assert caught.value.problems == ("access.admins: groups of several domains; a cluster knows those of one",)


def test_the_security_group_is_that_of_the_groups_domain():
    stack = parsed("gke-dev", developers=["developers@acme.example"])

    assert isinstance(stack, GkeStack)
    assert stack.access.security_group == "gke-security-groups@acme.example"
    assert stack.access.groups == ("developers@acme.example",)


def test_a_group_with_two_roles_is_one_group():
    assert parsed("aks-dev", admins=[ENTRA], readers=[ENTRA]).access.groups == (ENTRA,)
