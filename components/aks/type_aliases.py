"""What azure-native says of a type's former API versions, which no stack of this project was made with."""

import copy

import pulumi

_VERSIONED = "/v20"
"""What a type with an API version has in it: `azure-native:network/v20240501:Subnet`."""


def without_versioned_aliases(args: pulumi.ResourceTransformationArgs) -> pulumi.ResourceTransformationResult | None:
    """A transformation that drops the aliases of a resource's own type in other API versions.

    azure-native gives a resource twenty of them or so, for stacks whose program once named the version. The SDK works
    each of them out at every run: almost half of a preview's time. Aliases of types that moved or were renamed stay.
    """
    if not args.opts.aliases or not args.type_.startswith("azure-native:"):
        return None
    opts = copy.copy(args.opts)
    opts.aliases = [alias for alias in args.opts.aliases if not _names_a_version(alias)]
    return pulumi.ResourceTransformationResult(args.props, opts)


def _names_a_version(alias: object) -> bool:
    return isinstance(alias, pulumi.Alias) and isinstance(alias.type_, str) and _VERSIONED in alias.type_
