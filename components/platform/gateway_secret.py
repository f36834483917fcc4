"""The Secret that the gateway reads its whole configuration from, credentials of consumers included.

As long as all of them are generated, its content is made here. Where one is in the vault, External Secrets makes the
Secret: of a template, itself a Secret since it has the generated credentials, and of the values in the vault.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_kubernetes as kubernetes

from components.namespaces import GATEWAY
from components.platform.gateway_config import Gateway, content_hash, declarative
from components.platform.gateway_credentials import FromVault, credential_sources
from components.platform.vault_secret import PATIENCE, Vault, external_secret_spec

FILE: Final = "kong.yml"
"""Key of the configuration in its Secret: the chart mounts the Secret as /kong_dbless and Kong reads this file."""


@dataclass(frozen=True, kw_only=True)
class ConfigurationArgs:
    gateway: Gateway
    """What it does."""

    credentials: Mapping[str, pulumi.Input[str]]
    """Value of each credential that is not in the vault, by its place."""

    generation: pulumi.Input[str]
    """Differs from that of every other set of those values."""

    vault: Vault | None
    """Where the others are. Needed if there is one."""

    namespace: pulumi.Resource
    """The namespace that the gateway runs in."""


def configuration_name(gateway: Gateway) -> str:
    """Name of the Secret with the configuration. Kong reads it once: another name brings other pods."""
    return f"kong-{content_hash(gateway)}"


def from_vault(gateway: Gateway) -> dict[str, str]:
    """Names in the vault of the credentials that are there, by their place."""
    sources = credential_sources(gateway.consumers)
    return {place: source.name for place, source in sources.items() if isinstance(source, FromVault)}


def configuration(name: str, args: ConfigurationArgs, parent: pulumi.Resource) -> pulumi.Resource:
    """Registers what makes the Secret. Raises `ValueError` for credentials in a vault that is not given."""
    wanted = from_vault(args.gateway)
    if not wanted:
        content = pulumi.Output.all(**args.credentials).apply(
            lambda values: json.dumps(declarative(args.gateway, values), indent=1)
        )
        return _secret(f"{name}-configuration", configuration_name(args.gateway), content, args, parent)
    if args.vault is None:
        raise ValueError(f"{', '.join(wanted.values())}: no vault to read from")
    template_name = f"{configuration_name(args.gateway)}-template"
    content = pulumi.Output.all(**args.credentials).apply(lambda values: template(args.gateway, values))
    made_of = _secret(f"{name}-template", template_name, content, args, parent)
    return _external_secret(name, args, args.vault, template_name, [made_of, *args.vault.ready], parent)


def template(gateway: Gateway, values: Mapping[str, str]) -> str:
    """The file with a place for each value of the vault, as a template of Go's `text/template`.

    A value that is empty, or the same key twice, would keep Kong from starting. So External Secrets refuses it, names
    the secret of the vault, and leaves what the gateway has.
    https://external-secrets.io/latest/guides/templating/
    """
    names = _template_names(gateway)
    # No text of a configuration has a NUL.
    marked = {place: f"\0{name}" for place, name in names.items()}
    text = json.dumps(declarative(gateway, {**values, **marked}), indent=1).replace("{{", '{{ "{{" }}')
    for name in names.values():
        text = text.replace(f'"\\u0000{name}"', f"{{{{ .{name} | trim | toJson }}}}")
    return "".join(_guards(gateway, names)) + text


def _template_names(gateway: Gateway) -> dict[str, str]:
    """What the values of the vault are called in the template, by their place."""
    return {place: f"credential{index}" for index, place in enumerate(sorted(from_vault(gateway)))}


def _guards(gateway: Gateway, names: Mapping[str, str]) -> list[str]:
    remote = from_vault(gateway)
    guards = [_fails(f"not (trim .{name})", f"{remote[place]} is empty in the vault") for place, name in names.items()]
    keys = {place: name for place, name in names.items() if place.split("/")[1] == "key"}
    if len(keys) > 1:
        different = f"len (uniq (list {' '.join(f'(trim .{name})' for name in keys.values())}))"
        shown = ", ".join(remote[place] for place in keys)
        guards.append(_fails(f"lt ({different}) {len(keys)}", f"two of {shown} have the same value in the vault"))
    return guards


def _fails(condition: str, problem: str) -> str:
    return f"{{{{ if {condition} }}}}{{{{ fail {json.dumps(problem)} }}}}{{{{ end }}}}\n"


def _secret(
    name: str, secret: str, content: pulumi.Output[str], args: ConfigurationArgs, parent: pulumi.Resource
) -> pulumi.Resource:
    return kubernetes.core.v1.Secret(
        name,
        metadata=kubernetes.meta.v1.ObjectMetaArgs(name=secret, namespace=GATEWAY),
        string_data={FILE: pulumi.Output.secret(content)},
        opts=pulumi.ResourceOptions(parent=parent, depends_on=[args.namespace]),
    )


def _external_secret(
    name: str,
    args: ConfigurationArgs,
    vault: Vault,
    template_name: str,
    waits_for: list[pulumi.Resource],
    parent: pulumi.Resource,
) -> pulumi.Resource:
    secret, remote = configuration_name(args.gateway), from_vault(args.gateway)
    values = {name: remote[place] for place, name in _template_names(args.gateway).items()}
    spec = external_secret_spec(vault, secret, values)
    rendered = {
        "engineVersion": "v2",
        "mergePolicy": "Replace",
        "templateFrom": [{"secret": {"name": template_name, "items": [{"key": FILE, "templateAs": "Values"}]}}],
    }
    return kubernetes.apiextensions.CustomResource(
        f"{name}-configuration",
        api_version="external-secrets.io/v1",
        kind="ExternalSecret",
        metadata=kubernetes.meta.v1.ObjectMetaArgs(
            name=secret,
            namespace=GATEWAY,
            # A change of an annotation is what makes it look again before its time: at the template, too.
            annotations={"pulumi.com/waitFor": "condition=Ready", "groundwork/credentials": args.generation},
        ),
        spec={**spec, "target": {**spec["target"], "template": rendered}},
        opts=pulumi.ResourceOptions(
            parent=parent,
            depends_on=waits_for,
            custom_timeouts=pulumi.CustomTimeouts(create=PATIENCE, update=PATIENCE),
        ),
    )
