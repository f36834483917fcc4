"""Aliases that azure-native brings along for API versions."""

from typing import cast

import pulumi
import pytest

from components.aks.type_aliases import without_versioned_aliases

MOVED = pulumi.Alias(type_="azure-native:network:PrivateZone")
VERSIONED = pulumi.Alias(type_="azure-native:privatedns/v20240601:PrivateZone")


def arguments(type_: str, *aliases: pulumi.Alias) -> pulumi.ResourceTransformationArgs:
    opts = pulumi.ResourceOptions(aliases=list(aliases), protect=True)
    resource = cast(pulumi.Resource, None)  # a transformation runs before there is one
    return pulumi.ResourceTransformationArgs(resource, type_, "zone", {"location": "global"}, opts)


def test_only_aliases_of_other_api_versions_are_dropped():
    args = arguments("azure-native:privatedns:PrivateZone", VERSIONED, MOVED)

    result = without_versioned_aliases(args)

    assert result is not None
    assert (result.props, result.opts.aliases, result.opts.protect) == ({"location": "global"}, [MOVED], True)
    assert args.opts.aliases == [VERSIONED, MOVED]


@pytest.mark.parametrize("type_", ["groundwork:index:AksNetwork", "kubernetes:core/v1:Secret"])
def test_what_is_not_of_azure_keeps_its_aliases(type_: str):
    assert without_versioned_aliases(arguments(type_, VERSIONED)) is None
