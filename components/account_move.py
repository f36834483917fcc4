"""What makes resources new ones when their stack moves to another account.

A provider that is told of another account goes on with what it made in the old one: neither pulumi-oci nor azure-native
calls that a replacement, and a resource whose inputs do not name the account is looked for in the new one, where it
never was.
"""

import copy
from collections.abc import Callable, Mapping

import pulumi

Transformation = Callable[[pulumi.ResourceTransformationArgs], pulumi.ResourceTransformationResult | None]


def replaced_on_move(identities: Mapping[str, str]) -> Transformation:
    """A transformation that replaces resources when what identifies their place changes.

    `identities` says it by the beginning of the resource's type, the narrower beginnings first.
    """

    def transform(args: pulumi.ResourceTransformationArgs) -> pulumi.ResourceTransformationResult | None:
        identity = next((found for start, found in identities.items() if args.type_.startswith(start)), None)
        if identity is None:
            return None
        opts = copy.copy(args.opts)
        own = args.opts.replacement_trigger
        opts.replacement_trigger = identity if own is None else [identity, own]
        return pulumi.ResourceTransformationResult(args.props, opts)

    return transform
