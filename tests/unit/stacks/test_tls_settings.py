"""Who vouches for hosts: what an environment and a cloud bring, and what is refused by key path."""

from typing import Any

import pytest

from stacks.problems import SettingsError
from stacks.settings import parse
from tests.plans import settings_of


def issuer(stack: str, **changes: Any) -> str:
    return parse({**settings_of(stack), **changes}).tls.issuer


@pytest.mark.parametrize(
    ("stack", "expected"),
    [
        ("gke-dev", "letsencrypt-staging"),
        ("aks-staging", "letsencrypt"),
        ("oke-prod", "letsencrypt"),
        ("local-dev", "own-ca"),
    ],
)
def test_each_environment_has_its_authority_and_a_local_stack_its_own(stack: str, expected: str):
    assert issuer(stack) == expected


def test_the_stack_file_names_another():
    assert issuer("gke-dev", tls={"issuer": "letsencrypt"}) == "letsencrypt"
    assert issuer("gke-dev", tls={"email": "tls@acme.example"}) == "letsencrypt-staging"


@pytest.mark.parametrize(
    ("stack", "tls", "problem"),
    [
        (
            "gke-dev",
            {"issuer": "acme"},
            "tls.acme_server: missing; issuer: acme needs the address of the authority's directory",
        ),
        (
            "gke-dev",
            {"acme_server": "https://ca.example.com/directory"},
            "tls.acme_server: only for issuer: acme, which letsencrypt-staging is not",
        ),
        ("gke-dev", {"email": "somebody"}, "tls.email: expected an e-mail address, for example platform@example.com"),
        ("gke-dev", {"isuer": "letsencrypt"}, 'tls.isuer: unknown key, did you mean "issuer"?'),
        (
            "local-dev",
            {"issuer": "letsencrypt"},
            "tls.issuer: only own-ca: a local stack has no zone in which to prove to others what it owns",
        ),
    ],
)
def test_what_cannot_be_is_told_by_key_path(stack: str, tls: dict[str, Any], problem: str):
    with pytest.raises(SettingsError) as raised:
        parse({**settings_of(stack), "tls": tls})

    assert raised.value.problems == (problem,)
