"""What is found in a cluster before it goes."""

import time
from collections.abc import Iterator

import pytest

from rehearsal.control_plane.api_client import ApiClient, ApiError
from rehearsal.control_plane.clusters.left_behind import found
from rehearsal.control_plane.control_plane import ControlPlane
from tests.real.cluster import Namespace

DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
GROUP = "versions.example.test"
KINDS = {"newer": "v2", "older": "v1"}
"""Kinds of one group, with the only version that each has. Who asks for the group is told to prefer the higher one."""
_SECONDS = 20.0


def definition(kind: str, version: str) -> dict[str, object]:
    schema = {"openAPIV3Schema": {"type": "object"}}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{kind}s.{GROUP}"},
        "spec": {
            "group": GROUP,
            "scope": "Namespaced",
            "names": {"kind": kind.title(), "plural": f"{kind}s", "singular": kind},
            "versions": [{"name": version, "served": True, "storage": True, "schema": schema}],
        },
    }


def make(client: ApiClient, kind: str, version: str) -> None:
    """An object of a kind that may not be served yet."""
    body = {"apiVersion": f"{GROUP}/{version}", "kind": kind.title(), "metadata": {"name": "forgotten"}}
    end = time.monotonic() + _SECONDS
    while True:
        try:
            client.create(f"/apis/{GROUP}/{version}/namespaces/default/{kind}s?fieldManager=somebody", body)
        except ApiError as error:
            if error.status not in (404, 429) or time.monotonic() > end:
                raise
            time.sleep(0.1)
        else:
            return


@pytest.fixture
def client(everywhere: Namespace) -> Iterator[ApiClient]:
    for kind, version in KINDS.items():
        everywhere.client.create(DEFINITIONS, definition(kind, version))
    yield everywhere.client
    for kind in KINDS:
        everywhere.client.delete(f"{DEFINITIONS}/{kind}s.{GROUP}")


def test_a_kind_is_found_that_the_preferred_version_of_its_group_does_not_have(plane: ControlPlane, client: ApiClient):
    for kind, version in KINDS.items():
        make(client, kind, version)

    assert {"Newer default/forgotten", "Older default/forgotten"} <= set(found(plane))
