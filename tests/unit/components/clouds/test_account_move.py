"""Resources of a stack that moves to another account."""

from typing import Any

import pulumi
from pulumi_random import RandomId

from components.account_move import replaced_on_move
from tests import mock_engine


def triggers(options: pulumi.ResourceOptions, identities: dict[str, str]) -> Any:
    """The trigger of a resource inside a component with the transformation."""

    def program() -> None:
        opts = pulumi.ResourceOptions(transformations=[replaced_on_move(identities)])
        component = pulumi.ComponentResource("groundwork:index:Any", "any", {}, opts)
        RandomId(
            "id", byte_length=4, opts=pulumi.ResourceOptions.merge(pulumi.ResourceOptions(parent=component), options)
        )

    return mock_engine.run(program).named("id").replacement_trigger


def test_what_identifies_the_account_triggers_a_replacement():
    assert triggers(pulumi.ResourceOptions(), {"random:": "tenancy/region"}) == "tenancy/region"


def test_the_narrower_beginning_of_a_type_comes_first():
    found = triggers(pulumi.ResourceOptions(), {"random:index/": "tenancy", "random:": "tenancy/region"})

    assert found == "tenancy"


def test_other_packages_are_left_alone():
    assert triggers(pulumi.ResourceOptions(), {"oci:": "tenancy/region"}) is None


def test_a_trigger_of_the_resources_own_stays():
    found = triggers(pulumi.ResourceOptions(replacement_trigger="10.64.0.0/13"), {"random:": "tenancy/region"})

    assert found == ["tenancy/region", "10.64.0.0/13"]
