"""What data services put into the pods of services that use them."""

from collections.abc import Mapping
from typing import Any, Final

from components.restarts import with_restarts
from components.services.data.service import Access, ca_path, variable

CA_FILE: Final = "ca.crt"


def add_data(values: dict[str, Any], data: Mapping[str, Access]) -> None:
    """Adds to the values of a release variables, authorities, and that a change of any of them restarts pods."""
    for name, access in data.items():
        env = {variable(name, suffix): value for suffix, value in access.env.items()}
        secret_env = {
            variable(name, suffix): {"secret": key.name, "key": key.key} for suffix, key in access.secret_env.items()
        }
        secrets = [key.name for key in access.secret_env.values()]
        if access.ca is not None:
            env[variable(name, "CA")] = f"{ca_path(name)}/{CA_FILE}"
            mount = {"secret": access.ca.name, "path": ca_path(name), "items": {access.ca.key: CA_FILE}}
            values["secretMounts"] = {**values.get("secretMounts", {}), f"data-{name}": mount}
            secrets.append(access.ca.name)
        values["env"] = {**values.get("env", {}), **env}
        values["secretEnv"] = {**values.get("secretEnv", {}), **secret_env}
        values["podAnnotations"] = with_restarts(values.get("podAnnotations", {}), *secrets)
