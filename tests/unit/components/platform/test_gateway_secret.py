"""The Secret with the gateway's configuration: made here, or by External Secrets of a template."""

import json
import re
from collections.abc import Callable
from dataclasses import replace

import pulumi
import pytest
from contract_check.kong_declarative import refusals

from components.platform.gateway_config import Gateway, Route, Service, declarative
from components.platform.gateway_credentials import (
    Consumer,
    FromVault,
    Generated,
    Key,
    Password,
    credential_sources,
)
from components.platform.gateway_plugins import Plugin, allowed
from components.platform.gateway_secret import (
    FILE,
    ConfigurationArgs,
    configuration,
    configuration_name,
    from_vault,
    template,
)
from components.platform.vault_secret import Vault
from tests.mock_engine import Deployed
from tests.plans import committed_plan
from tests.unit.components.bare_platform import Prerequisite

SECRET = "kubernetes:core/v1:Secret"
EXTERNAL_SECRET = "kubernetes:external-secrets.io/v1:ExternalSecret"

ROUTE = Route(name="todo", hosts=["todo.acme.example"], headers={"x-version": ["{{ braces }}"]})
LOGIN = [Plugin(name="key-auth"), Plugin(name="basic-auth"), allowed(["todo"])]
KEYS = [Key(source=FromVault(name=f"todo-{name}")) for name in ("mobile", "batch")]
CONSUMER = Consumer(
    username="todo.mobile",
    groups=["todo"],
    keys=[*KEYS, Key(source=Generated(name="first"))],
    passwords=[Password(username="mobile", source=FromVault(name="todo-password"))],
)
GATEWAY = Gateway(
    services=[Service(name="todo", host="todo", port=80, routes=[ROUTE], plugins=LOGIN)], consumers=[CONSUMER]
)
GENERATED = {"todo.mobile/key/2": "generated"}
VALUES = {"credential0": "one", "credential1": "two\n", "credential2": 'a "word" & <more>'}


def built(deploy: Callable[..., Deployed], gateway: Gateway, vault: Vault | None) -> Deployed:
    def program() -> None:
        wait = Prerequisite("wait")
        args = ConfigurationArgs(
            gateway=gateway,
            credentials={
                place: pulumi.Output.secret("generated")
                for place, source in credential_sources(gateway.consumers).items()
                if isinstance(source, Generated)
            },
            generation="digest",
            vault=vault,
            namespace=wait,
        )
        configuration("kong", args, Prerequisite("gateway"))

    return deploy(program)


def vault() -> Vault:
    return Vault(field="value", refresh_minutes=15, ready=[])


def rendered(text: str, values: dict[str, str]) -> str:
    """What the template becomes, as Go's text/template reads the few things that it is made of."""
    guarded = re.compile(r'{{ if ([^}]+) }}{{ fail "([^"]+)" }}{{ end }}\n')
    for condition, problem in guarded.findall(text):
        given = [values[name].strip() for name in re.findall(r"trim \.(\w+)", condition)]
        if (len(set(given)) < len(given)) if condition.startswith("lt ") else not given[0]:
            raise ValueError(problem)
    text = guarded.sub("", text)
    text = re.sub(r"{{ \.(\w+) \| trim \| toJson }}", lambda found: json.dumps(values[found[1]].strip()), text)
    return text.replace('{{ "{{" }}', "{{")


def test_credentials_that_are_all_generated_make_a_secret_of_their_own(deploy: Callable[..., Deployed]):
    gateway = replace(GATEWAY, consumers=[replace(CONSUMER, keys=[CONSUMER.keys[2]], passwords=[])])
    deployed = built(deploy, gateway, None)

    assert deployed.of_type(EXTERNAL_SECRET) == []
    secret = deployed.only(SECRET)
    assert secret.inputs["metadata"] == {"name": configuration_name(gateway), "namespace": "gateway"}


def test_a_template_and_the_vault_make_the_others(deploy: Callable[..., Deployed]):
    deployed = built(deploy, GATEWAY, vault())
    name = configuration_name(GATEWAY)

    template_secret, made = deployed.only(SECRET), deployed.only(EXTERNAL_SECRET)
    assert template_secret.inputs["metadata"]["name"] == f"{name}-template"
    assert template_secret.urn in made.depends_on
    assert made.inputs["metadata"]["annotations"]["groundwork/credentials"] == "digest"
    assert made.inputs["spec"]["target"] == {
        "name": name,
        "creationPolicy": "Owner",
        "deletionPolicy": "Retain",
        "template": {
            "engineVersion": "v2",
            "mergePolicy": "Replace",
            "templateFrom": [
                {"secret": {"name": f"{name}-template", "items": [{"key": "kong.yml", "templateAs": "Values"}]}}
            ],
        },
    }
    assert {one["secretKey"]: one["remoteRef"] for one in made.inputs["spec"]["data"]} == {
        "credential0": {"key": "todo-mobile", "property": "value"},
        "credential1": {"key": "todo-batch", "property": "value"},
        "credential2": {"key": "todo-password", "property": "value"},
    }
    assert "generated" not in json.dumps(made.inputs)


def test_credentials_in_a_vault_need_one(deploy: Callable[..., Deployed]):
    with pytest.raises(ValueError, match="todo-mobile, todo-batch, todo-password: no vault to read from"):
        built(deploy, GATEWAY, None)


def test_what_the_template_becomes_is_the_configuration():
    values = dict(zip(sorted(from_vault(GATEWAY)), VALUES.values(), strict=True))

    found = json.loads(rendered(template(GATEWAY, GENERATED), VALUES))

    assert found == declarative(GATEWAY, {**GENERATED, **{place: value.strip() for place, value in values.items()}})
    assert refusals(found) == []


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"credential0": " \n"}, "todo-mobile is empty in the vault"),
        ({"credential2": ""}, "todo-password is empty in the vault"),
        ({"credential1": "one\n"}, "two of todo-mobile, todo-batch have the same value in the vault"),
    ],
)
def test_values_that_would_stop_the_gateway_are_refused_by_name(values: dict[str, str], problem: str):
    with pytest.raises(ValueError, match=problem):
        rendered(template(GATEWAY, GENERATED), {**VALUES, **values})


def test_another_name_in_the_vault_is_another_configuration():
    other = replace(CONSUMER, keys=[Key(source=FromVault(name="todo-other")), *CONSUMER.keys[1:]])

    assert configuration_name(GATEWAY) != configuration_name(replace(GATEWAY, consumers=[other]))


@pytest.mark.parametrize("stack", ["local-dev", "gke-prod"])
def test_kong_takes_what_a_stack_stores_for_it(stack: str):
    stored = [
        secret.inputs["stringData"][FILE]
        for secret in committed_plan(stack).of_type(SECRET)
        if FILE in (secret.inputs.get("stringData") or {})
    ]

    (content,) = stored
    assert refusals(json.loads(content)) == []
