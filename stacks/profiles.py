"""What an environment means: the defaults that a stack file of that environment starts from."""

from collections.abc import Mapping
from typing import Any

PROFILES: Mapping[str, Mapping[str, Any]] = {
    "dev": {
        "protect": False,
        "high_availability": False,
        "metrics": {"retention_days": 7, "storage_gib": 20},
        "logs": {"retention_days": 7},
        "traces": {"sampled_percent": 100},
        "backups": {"volumes": False, "keep_days": 7},
        "gateway": {"min_replicas": 1, "max_replicas": 1},
        "tls": {"issuer": "letsencrypt-staging"},
    },
    "staging": {
        "protect": False,
        "high_availability": True,
        "metrics": {"retention_days": 15, "storage_gib": 50},
        "logs": {"retention_days": 15},
        "traces": {"sampled_percent": 50},
        "backups": {"volumes": True, "keep_days": 14},
        "gateway": {"min_replicas": 2, "max_replicas": 4},
        "tls": {"issuer": "letsencrypt"},
    },
    "prod": {
        "protect": True,
        "high_availability": True,
        "metrics": {"retention_days": 30, "storage_gib": 200},
        "logs": {"retention_days": 30},
        "traces": {"sampled_percent": 10},
        "backups": {"volumes": True, "keep_days": 30},
        "gateway": {"min_replicas": 2, "max_replicas": 6},
        "tls": {"issuer": "letsencrypt"},
    },
}

CLOUDS: Mapping[str, Mapping[str, Any]] = {"local": {"tls": {"issuer": "own-ca"}, "backups": {"volumes": False}}}
"""By cloud, what its stacks have in place of their environment's defaults, whichever that is."""


def with_profile(values: Mapping[str, Any]) -> dict[str, Any]:
    """The settings as written, over the defaults of their environment.

    Where the environment is not one of the profiles, that alone is to be reported: dev stands in for it.
    """
    environment = values.get("environment")
    profile = PROFILES.get(environment if isinstance(environment, str) else "dev", PROFILES["dev"])
    cloud = values.get("cloud")
    return _overlay(_overlay(profile, CLOUDS.get(cloud, {}) if isinstance(cloud, str) else {}), values)


def _overlay(defaults: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    merged = {**defaults, **values}
    for key, default in defaults.items():
        value = values.get(key)
        if isinstance(default, Mapping) and isinstance(value, Mapping):
            merged[key] = _overlay(default, value)
    return merged
