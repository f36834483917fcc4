"""Upstreams of Kong: the addresses behind a name, how requests are spread over them, and which of them are left out.

How Kong 3.9 finds addresses and weighs them (kong/runloop/balancer, github.com/Kong/kong at 3.9.3):

- A target is a name and a port. Kong asks the DNS itself, and puts every address of the answer on its wheel: the name
  of a headless Service has one for each ready pod, so that algorithms act on pods. That of any other Service has one
  address in all (targets.lua, update_dns_result).
- Each A record has the weight of its target, so a target weighs as much as its weight times its addresses
  (balancers.lua, addAddress): a share that follows from weights alone drifts with the number of pods.
- SRV records have weights and ports of their own, in the place of the target's (the same place). A cluster's DNS
  answers SRV for a bare name, with one record for each port of each pod: a canary would get half of all requests, and
  the port of metrics some of them. So Kong must not ask for SRV: `DNS_ORDER`.
- A name without addresses, or that is unknown, takes the addresses away that it had. Without any other target the
  balancer has no weight and answers 503 at once (targets.lua, queryDns; balancers.lua, updateStatus). Nothing is asked
  again before `dns_not_found_ttl` is over: `DNS_NOT_FOUND_SECONDS`.
- An answer is used for as long as its time to live says, 30 s in most clusters, and pods that ended are asked until
  then. Connections that they refuse are tried elsewhere: `Service.retries`. `DNS_VALID_SECONDS` makes it shorter.
- An address that passive checks took out comes back by an active check alone, or by a new pod in its place.
- Active checks ask by HTTP. Kind `tcp` never runs where HTTP is proxied (healthcheckers.lua, create_healthchecker), and
  the kinds of gRPC, which the schema knows, are an error: the library asserts that it is given none of them, as it
  asserts that no counter is above 254 (lua-resty-healthcheck 3.1.0, check_valid_type). So pods that speak gRPC alone
  are left to their readiness and to retries.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

Algorithm = Literal["round-robin", "least-connections", "consistent-hashing", "latency"]
HashOn = Literal["ip", "header", "cookie", "path", "consumer"]
CheckKind = Literal["http", "https"]

DNS_ORDER: Final = "LAST,A,CNAME"
"""Kong's `dns_order` without SRV, whose weights and ports would take the place of ours."""

DNS_VALID_SECONDS: Final = 5
"""Kong's `dns_valid_ttl`: how long an answer is used, whatever the cluster's DNS says."""

DNS_NOT_FOUND_SECONDS: Final = 5
"""Kong's `dns_not_found_ttl`: how long a Service whose first pod became ready stays unknown."""

MAX_COUNT: Final = 254
"""Largest number of answers in a row that is counted."""


@dataclass(frozen=True, kw_only=True)
class Target:
    """A name with addresses."""

    host: str
    """That of a headless Service, for algorithms to act on pods."""

    port: int
    weight: int = 100
    """Weight of each of its addresses, from 0 (gets nothing) to 65535."""

    @property
    def address(self) -> str:
        return f"{self.host}:{self.port}"


@dataclass(frozen=True, kw_only=True)
class Hash:
    """What decides which address gets a request, always the same one while there is no other set of addresses."""

    on: HashOn
    """`ip`: the client. `consumer`: who the client proved to be. `header`: its value. `cookie`: one that Kong gives to
    who has none. `path`: what is asked for."""

    name: str = ""
    """Name of the header or cookie."""

    otherwise_ip: bool = True
    """Whether the client's address decides where there is no such header or consumer. Without, all of those requests
    go to one address. A cookie and a path are always there."""


@dataclass(frozen=True, kw_only=True)
class ActiveChecks:
    """Requests that Kong makes to each address, whether somebody uses it or not."""

    kind: CheckKind = "http"
    path: str = "/"
    """What is asked for."""

    interval_seconds: float = 10
    timeout_seconds: float = 2
    successes: int = 1
    """Good answers in a row after which an address gets requests again."""

    failures: int = 3
    """Bad answers, refused connections or timeouts in a row after which an address gets none."""

    statuses: Sequence[int] = (200, 204, 302)
    """Statuses that are good. Those of Kong's own list of bad ones count as such: 429, 404 and 500 to 505."""


@dataclass(frozen=True, kw_only=True)
class PassiveChecks:
    """The circuit breaker: what the answers to real requests say about an address."""

    failures: int = 5
    """Bad answers in a row after which an address gets no requests; 0 is never."""

    statuses: Sequence[int] = (500, 502, 503, 504)
    """Statuses that are bad."""

    connection_failures: int = 3
    """Refused connections in a row after which an address gets no requests; 0 is never."""

    timeouts: int = 3
    """Timeouts in a row after which an address gets no requests; 0 is never."""


@dataclass(frozen=True, kw_only=True)
class Upstream:
    """Addresses that one service is served from."""

    name: str
    """Unique among all upstreams, and no name that the DNS knows."""

    targets: Sequence[Target]
    algorithm: Algorithm = "round-robin"
    """`round-robin` by weight; `least-connections`: the fewest open requests for its weight; `latency`: the quickest of
    late, by a moving average; `consistent-hashing`: what `hash` says."""

    hash: Hash | None = None
    """For `consistent-hashing`, and for no other algorithm."""

    active: ActiveChecks | None = None
    passive: PassiveChecks | None = None
    """Needs `active` as well, which alone closes the circuit again."""

    tags: Sequence[str] = ()


def upstream_record(upstream: Upstream) -> dict[str, Any]:
    """The upstream as Kong reads it."""
    return {
        "name": upstream.name,
        **_algorithm(upstream),
        "healthchecks": _health(upstream),
        **({"tags": list(upstream.tags)} if upstream.tags else {}),
        "targets": [{"target": target.address, "weight": target.weight} for target in upstream.targets],
    }


def _algorithm(upstream: Upstream) -> dict[str, Any]:
    # `hash_on` and `algorithm` rewrite each other (the shorthands of upstreams.lua): only what decides is written.
    if upstream.algorithm != "consistent-hashing" or upstream.hash is None:
        return {"algorithm": upstream.algorithm}
    chosen = upstream.hash
    name = {"header": "hash_on_header", "cookie": "hash_on_cookie"}.get(chosen.on)
    falls_back = chosen.otherwise_ip and chosen.on in ("header", "consumer")
    return {
        "hash_on": chosen.on,
        **({name: chosen.name} if name else {}),
        **({"hash_fallback": "ip"} if falls_back else {}),
    }


def _health(upstream: Upstream) -> dict[str, Any]:
    checks: dict[str, Any] = {}
    if upstream.active is not None:
        active = upstream.active
        checks["active"] = {
            "type": active.kind,
            "http_path": active.path,
            # The certificate of a pod is for names of its Service, and the check knows the address.
            **({"https_verify_certificate": False} if active.kind == "https" else {}),
            "timeout": active.timeout_seconds,
            "healthy": {
                "interval": active.interval_seconds,
                "successes": active.successes,
                "http_statuses": list(active.statuses),
            },
            "unhealthy": {
                "interval": active.interval_seconds,
                "http_failures": active.failures,
                "tcp_failures": active.failures,
                "timeouts": active.failures,
            },
        }
    if upstream.passive is not None:
        passive = upstream.passive
        checks["passive"] = {
            # A success resets the count of failures; it opens no circuit, so one is enough.
            "healthy": {"successes": 1},
            "unhealthy": {
                "http_failures": passive.failures,
                "http_statuses": list(passive.statuses),
                "tcp_failures": passive.connection_failures,
                "timeouts": passive.timeouts,
            },
        }
    return checks
