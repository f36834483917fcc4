"""Parts of a workload file that say what the gateway does, as docs/gateway.md and Kong's own pages have them."""

from collections.abc import Mapping, Sequence
from typing import Any

from hypothesis import strategies as st

from tests.unit.components.services.valid_values import (
    BOOLEANS,
    HTTP_STATUSES,
    IMAGES,
    PLAIN_PATHS,
    TEXTS,
    few,
    one_of,
    part,
    share,
    some,
    sparse,
    whole,
)

PEM = "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE\n-----END PUBLIC KEY-----\n"
"""The form of a key; nobody reads what is in it before Kong does."""

METHODS = ("GET", "HEAD", "PUT", "PATCH", "POST", "DELETE", "OPTIONS")
HEADERS = ("X-Api-Key", "x-tenant", "No", "X_1")
GROUPS = ("admins", "no", "g-1")
PROOFS: Mapping[str, str] = {"keys": "key-auth", "passwords": "basic-auth", "tokens": "jwt"}
"""What consumers prove who they are with, and the plugin that asks for it."""

LINE = one_of("a", "no", "a: b", "{{ x }}", "ü ☃", "1.0", "a;b,c")
HEADER = one_of(*HEADERS)


@st.composite
def _limits(draw: st.DrawFn) -> dict[str, Any]:
    """As many requests in a longer time as in a shorter one, or more."""
    periods = draw(some(("per_second", "per_minute", "per_hour", "per_day"), least=1, most=4))
    order = ("per_second", "per_minute", "per_hour", "per_day")
    numbers = sorted(draw(st.lists(whole(1, 10**6), min_size=len(periods), max_size=len(periods))))
    limits = dict(zip(sorted(periods, key=order.index), numbers, strict=True))
    by = draw(
        part(limit_by=one_of("consumer", "credential", "ip", "service"))
        | part({"limit_by": st.just("header"), "header_name": HEADER})
    )
    more = part(policy=one_of("redis", "local"), fault_tolerant=BOOLEANS, hide_client_headers=BOOLEANS)
    return {**limits, **by, **draw(more)}


@st.composite
def _cors(draw: st.DrawFn) -> dict[str, Any]:
    """Credentials go to origins that are named alone."""
    origins = draw(some(("*", "https://app.acme.example", "http://localhost:3000", "https://*.acme.example"), 1))
    more = part(
        methods=some(METHODS),
        headers=some(HEADERS),
        exposed_headers=some(HEADERS),
        max_age_seconds=whole(0, 86400),
        **({} if "*" in origins else {"credentials": BOOLEANS}),
    )
    return {"origins": origins, **draw(more)}


BLOCKS = ("203.0.113.0/24", "192.0.2.7", "2001:db8::/32", "10.0.0.1/8")
AGENTS = st.lists(one_of("curl", "(?i)bot.*", "a b", "[0-9]+$"), max_size=2)
TYPES = ("application/json", "text/plain; charset=utf-8", "*/*")

PLUGINS: Mapping[str, st.SearchStrategy[Any]] = {
    "bot-detection": part(allow=AGENTS, deny=AGENTS),
    "correlation-id": part(
        header_name=HEADER, generator=one_of("uuid", "uuid#counter", "tracker"), echo_downstream=BOOLEANS
    ),
    "cors": _cors(),
    "ip-restriction": part({"allow": some(BLOCKS, 1)}, deny=some(BLOCKS), status=whole(400, 599), message=LINE)
    | part({"deny": some(BLOCKS, 1)}, status=whole(400, 599)),
    "opentelemetry": part(sampling_rate=share(0, 1) | one_of(0, 1)),
    "prometheus": part(per_consumer=BOOLEANS),
    "proxy-cache": part(
        ttl_seconds=whole(1, 86400),
        cache_control=BOOLEANS,
        methods=some(("GET", "HEAD"), 1),
        statuses=some(HTTP_STATUSES, 1),
        content_types=some(TYPES, 1),
        vary_headers=some(HEADERS),
        vary_query_params=some(("page", "a.b", "no")),
    ),
    "rate-limiting": _limits(),
    "request-size-limiting": part({"max_kib": whole(1, 1024 * 1024)}, require_content_length=BOOLEANS),
    "request-termination": part(status=whole(200, 599), message=LINE, trigger=HEADER)
    | part({"body": LINE}, status=whole(200, 599), content_type=one_of(*TYPES), trigger=HEADER),
    "request-transformer": part(
        {"remove_headers": some(HEADERS, 1)},
        set_headers=few(HEADER, LINE),
        remove_parameters=some(("page", "no")),
        set_parameters=few(one_of("size", "on"), LINE),
    ),
}
"""Plugins that need nothing of anybody."""

AUTHENTICATION: Mapping[str, st.SearchStrategy[Any]] = {
    "key-auth": part(
        key_names=some(HEADERS, 1),
        key_in_query=BOOLEANS,
        key_in_body=BOOLEANS,
        hide_credentials=BOOLEANS,
        run_on_preflight=BOOLEANS,
    ),
    "basic-auth": part(realm=LINE, hide_credentials=BOOLEANS),
    "jwt": part(
        {"claims_to_verify": some(("exp", "nbf")).map(lambda claims: ["exp", *(c for c in claims if c != "exp")])},
        header_names=some(HEADERS, 1),
        cookie_names=some(("token", "no")),
        uri_param_names=some(("jwt",)),
        key_claim_name=one_of("iss", "kid"),
        maximum_expiration_seconds=whole(0, 31536000),
        secret_is_base64=BOOLEANS,
    ),
}


@st.composite
def consumers(draw: st.DrawFn) -> dict[str, Any]:
    """Who may use routes. No two keys, user names or issuers are the same."""
    sources = (f"{name}-{number}" for number in range(100) for name in ("mobile-key", "no", "1"))
    found: dict[str, Any] = {}
    for name in draw(some(("mobile", "no", "c-2"))):
        one: dict[str, Any] = {"groups": draw(some(GROUPS, most=2))} if draw(BOOLEANS) else {}
        for proof in draw(some(list(PROOFS), 1)):
            source = {draw(one_of("generated", "vault")): next(sources)}
            if proof == "passwords" and draw(BOOLEANS):
                source["username"] = next(sources)
            one[proof] = [draw(_token(next(sources), source)) if proof == "tokens" else source]
        found[name] = one
    return found


def _token(issuer: str, source: Mapping[str, str]) -> st.SearchStrategy[dict[str, Any]]:
    """Tokens have a secret, or a public key."""
    shared = part({"algorithm": one_of("HS256", "HS384", "HS512"), **{k: st.just(v) for k, v in source.items()}})
    paired = part({"public_key": st.just(PEM)}, algorithm=one_of("RS256", "RS512", "ES256", "PS384", "EdDSA"))
    return (shared | paired).map(lambda token: {"issuer": f"https://{issuer}.example/", **token})


def asked(known: Mapping[str, Any]) -> list[str]:
    """Plugins that ask for what some consumer can prove."""
    return [plugin for proof, plugin in PROOFS.items() if any(proof in one for one in known.values())]


def groups(known: Mapping[str, Any]) -> list[str]:
    """Groups that some consumer is in."""
    return sorted({group for one in known.values() for group in one.get("groups", ())})


@st.composite
def route(
    draw: st.DrawFn,
    name: str,
    path: str,
    spoken: Mapping[str, str],
    common: Mapping[str, Any],
    known: Mapping[str, Any],
) -> dict[str, Any]:
    """A route of this name, for a prefix that no other has, to a port that speaks what it does."""
    port = draw(one_of(*sorted(spoken)))
    protocol = "http" if spoken[port] == "tcp" else spoken[port]
    match: dict[str, Any] = {"paths": [path, *([f"~{path}[0-9]+$"] if draw(BOOLEANS) else [])]}
    if protocol == "grpc" and draw(BOOLEANS):
        match = {"packages": [f"{path.strip('/').replace('/', '.').replace('-', '_')}.v1"]}
    more: dict[str, st.SearchStrategy[Any]] = {
        "hosts": some(("api", "no", "www-2"), 1, 2),
        "headers": few(HEADER, st.lists(LINE, min_size=1, max_size=2, unique=True)),
        "tls_only": BOOLEANS,
        "preserve_host": BOOLEANS,
        "buffering": BOOLEANS,
        "timeout_seconds": whole(1, 86400),
        "plugins": sparse(PLUGINS, 3),
    }
    if protocol != "grpc":
        more |= {"methods": some(METHODS), "strip_path": BOOLEANS}
    if common:
        more["without"] = some(sorted(set(common) - AUTHENTICATION.keys() - {"acl"}))
    made = {"name": name, **match, "protocol": protocol, "port": port, **draw(part(**more))}
    if asks := [one for one in asked(known) if one not in common]:
        access = draw(one_of("open", "asks", "consumers", "acl"))
        if access != "open":
            plugin = draw(one_of(*asks))
            made["plugins"] = {**made.get("plugins", {}), plugin: draw(AUTHENTICATION[plugin])}
        if access == "consumers":
            made["consumers"] = draw(some(sorted(known), 1))
        if access == "acl" and (there := groups(known)):
            said = part({draw(one_of("allow", "deny")): some(there, 1)}, hide_groups_header=BOOLEANS)
            made["plugins"]["acl"] = draw(said)
    return made


HASHES = (
    part({"hash_on": one_of("ip", "consumer", "path")})
    | part({"hash_on": st.just("header"), "hash_header": HEADER})
    | part({"hash_on": st.just("cookie"), "hash_cookie": one_of("session", "no")})
).map(lambda chosen: {"algorithm": "consistent-hashing", **chosen})


@st.composite
def upstream(draw: st.DrawFn) -> dict[str, Any]:
    """How requests are spread over pods."""
    chosen = part(algorithm=one_of("round-robin", "least-connections", "latency")) | HASHES
    more = part(
        health_checks=BOOLEANS,
        active=part(
            path=PLAIN_PATHS,
            interval_seconds=whole(1, 3600),
            timeout_seconds=whole(1, 60),
            successes=whole(1, 254),
            failures=whole(1, 254),
            statuses=some(HTTP_STATUSES, 1),
        ),
        circuit_breaker=part(
            failures=whole(0, 254),
            statuses=some(HTTP_STATUSES, 1),
            connection_failures=whole(0, 254),
            timeouts=whole(0, 254),
        ),
        retries=whole(0, 10),
        connect_timeout_seconds=whole(1, 60),
    )
    return {**draw(chosen), **draw(more)}


def canary(env: Sequence[str]) -> st.SearchStrategy[dict[str, Any]]:
    """Another build, for a share of the requests or for those who ask for it."""
    rollback = part(errors_percent=share(0, 100), for_minutes=whole(1, 60), min_requests=whole(1, 1000))
    headers = few(one_of("x-beta", "no"), one_of("1", "a,b;c=d"), 1)
    variables = few(one_of(*env), TEXTS) if env else st.just({})
    more = {"env": variables, "replicas": whole(1, 100), "rollback": rollback | st.none()}
    return part({"image": IMAGES}, weight=whole(1, 100), headers=headers, **more) | part(
        {"image": IMAGES, "weight": st.just(0), "headers": headers}, **more
    )
