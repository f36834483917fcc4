"""Canaries: how the gateway gives another build of a service its share of the requests.

Not by weights of targets in one upstream. Kong's metrics know the service and the route of a request and not who
answered it, so the errors of a canary would be lost among all others; and a weight is that of each address, so that the
share would change with every pod that comes or goes (docs/decisions/canaries.md).

Instead a function of four lines, in the access phase of the service, sends a request to the canary's upstream and says
so to the log, from which Kong counts. In that upstream the pods of the canary weigh so much more than those of the
service that they get everything as long as there are any; without them the service's own stand in.
"""

from dataclasses import replace
from typing import Final

from components.platform.gateway_plugins import Plugin
from components.platform.gateway_upstreams import Upstream
from components.services.gateway.canary_model import Canary

SUFFIX: Final = "canary"

PREFERRED: Final = 1000
"""Weight of a canary's pod in its upstream. Ten pods of the service, one of the canary: 1 % goes to the former. Kong
has a place on its wheel for each, so more would cost memory."""


def canary_name(name: str) -> str:
    """Name of what belongs to the canary, in Kong."""
    return f"{name}.{SUFFIX}"


def canary_release(service: str) -> str:
    """Name of the canary's release, and of its pods."""
    return f"{service}-{SUFFIX}"


def canary_upstream(stable: Upstream, workload: str, service: str) -> Upstream:
    """The upstream of a canary, beside that of its service.

    Passive checks leave no pod out for its answers: they are what the canary is judged by.
    """
    (own,) = stable.targets
    canary = replace(own, host=f"{canary_release(service)}-pods.{workload}.svc", weight=PREFERRED)
    return replace(
        stable,
        name=canary_name(stable.name),
        targets=[canary, replace(own, weight=1)],
        # `latency` knows no weights, and a hash says nothing of a canary.
        algorithm="round-robin",
        hash=None,
        passive=replace(stable.passive, failures=0) if stable.passive else None,
    )


def chooser(canary: Canary, service: str, upstream: str) -> Plugin:
    """What decides whether a request goes to the canary. `service` and `upstream` are the canary's names in Kong."""
    return Plugin(name="pre-function", config={"access": [choosing(canary, service, upstream)]})


def choosing(canary: Canary, service: str, upstream: str) -> str:
    """The function. Kong runs it in its sandbox, which has all that it calls:
    https://github.com/Kong/kong/blob/3.9.1/kong/tools/sandbox/environment/handler.lua
    """
    asked = " and ".join(f'kong.request.get_header("{name}") == "{value}"' for name, value in canary.headers.items())
    drawn = f"math.random(100) <= {canary.weight}" if canary.weight else ""
    condition = " or ".join(part for part in (drawn, f"({asked})" if asked else "") if part)
    return "\n".join(
        [
            f"if {condition} then",
            f'  kong.service.set_upstream("{upstream}")',
            f'  kong.log.set_serialize_value("service.name", "{service}")',
            "end",
        ]
    )
