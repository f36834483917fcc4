"""Variables of a service whose values are in the vault."""

from collections.abc import Mapping
from typing import Annotated, Any

from components.restarts import restarts
from components.secret_names import prefix
from stacks.model import form

SecretName = Annotated[
    str,
    form(
        r"[a-z0-9]([a-z0-9-]{0,98}[a-z0-9])?",
        "100 lower-case letters, digits and hyphens at most, with a letter or digit first and last",
    ),
]
"""The rest of a secret's name in the vault, after the workload's and a hyphen. What every vault takes."""


def vault_names(workload: str, secrets: Mapping[str, str]) -> dict[str, str]:
    """By variable, what its secret is called in the vault."""
    return {variable: f"{prefix(workload)}{name}" for variable, name in secrets.items()}


def given_twice(env: Mapping[str, str], secrets: Mapping[str, str]) -> list[tuple[str, str]]:
    """What is wrong with variables that have a plain value as well."""
    return [(variable, f"{variable} has a plain value in env already") for variable in secrets if variable in env]


def add_secrets(values: dict[str, Any], service: str, secrets: Mapping[str, str]) -> None:
    """Adds to the values of a release the variables, by the name of their Secret, and that a change restarts pods."""
    if not secrets:
        return
    values["secretEnv"] = {variable: {"secret": service, "key": variable} for variable in secrets}
    values["podAnnotations"] = {**values.get("podAnnotations", {}), **restarts(service)}
