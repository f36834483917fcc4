"""Rules of Dapr's own kinds that their definitions do not have.

Sources: github.com/dapr/dapr at v1.18.3, pkg/config, pkg/resiliency, pkg/runtime/pubsub and pkg/acl. What is wrong
stops no object there: a sidecar logs it and goes on without, or does not start.
"""

import itertools
import re
from collections.abc import Callable, Iterator
from typing import Final

from contract_check.cel import expression_problem
from contract_check.dapr_metadata import DURATION, check_component
from contract_check.dapr_resolution import check_name_resolution
from contract_check.findings import Finding, did_you_mean
from contract_check.places import Place, distinct, one_of, required, within

_HOST_AND_PORT: Final = re.compile(r"[A-Za-z0-9._-]+:[0-9]+|\[[0-9a-fA-F:]+\]:[0-9]+")
_ACTIONS: Final = ("allow", "deny")
_COUNTS: Final = frozenset(
    {"requests", "totalSuccesses", "totalFailures", "consecutiveSuccesses", "consecutiveFailures"}
)
"""What the expression of a circuit breaker may speak of."""
_VERBS: Final = ("*", "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "CONNECT", "OPTIONS", "TRACE")
_POLICIES: Final = {"timeout": "timeouts", "retry": "retries", "circuitBreaker": "circuitBreakers"}


def check_dapr(kind: str, top: Place) -> Iterator[Finding]:
    """What is wrong with an object of one of Dapr's kinds."""
    check = _CHECKS.get(kind)
    if check is not None:
        yield from check(top)


def _configuration(top: Place) -> Iterator[Finding]:
    spec = top["spec"]
    yield from _access(spec["accessControl"])
    yield from _tracing(spec["tracing"])
    yield from check_name_resolution(spec["nameResolution"])
    for name in ("metric", "metrics"):
        yield from _metrics(spec[name])
    stores = list(spec["secrets.scopes"].each())
    yield from distinct(store["storeName"] for store in stores)
    for store in stores:
        yield from one_of(store["defaultAccess"], _ACTIONS)
    for pipeline in ("httpPipeline", "appHttpPipeline"):
        for handler in spec[pipeline]["handlers"].each():
            kind = handler["type"]
            if kind.text is not None and not kind.text.startswith("middleware.http."):
                yield kind.wrong(f"{kind.shown()} is no handler; their types begin with middleware.http.")
    for rule in (*spec["api.allowed"].each(), *spec["api.denied"].each()):
        yield from required(rule["protocol"], "a rule without a protocol holds for nothing; http or grpc")
        yield from one_of(rule["protocol"], ("http", "grpc"))


def _access(control: Place) -> Iterator[Finding]:
    yield from one_of(control["defaultAction"], _ACTIONS)
    callers: set[tuple[str, str]] = set()
    for policy in control["policies"].each():
        for key in ("appId", "namespace", "trustDomain"):
            yield from required(policy[key], f"without the {key} of the caller sidecars do not start")
        yield from one_of(policy["defaultAction"], _ACTIONS)
        caller = (policy["namespace"].text or "", policy["appId"].text or "")
        if all(caller) and caller in callers:
            yield policy.wrong(f"{'/'.join(caller)} has a policy already")
        callers.add(caller)
        for operation in policy["operations"].each():
            yield from one_of(operation["action"], _ACTIONS)
            for verb in operation["httpVerb"].each():
                yield from one_of(verb, _VERBS)


def _tracing(tracing: Place) -> Iterator[Finding]:
    rate = tracing["samplingRate"]
    if rate.text is not None and not (_is_number(rate.text) and 0 <= float(rate.text) <= 1):
        yield rate.wrong(f"{rate.shown()} is no share from 0 to 1; one trace in 10,000 would be kept instead")
    otel = tracing["otel"]
    yield from one_of(otel["protocol"], ("http", "grpc"))
    address = otel["endpointAddress"]
    if address.text is not None and not _HOST_AND_PORT.fullmatch(address.text):
        yield address.wrong(f"{address.shown()} is no host:port, which has no scheme and no path")


def _is_number(text: str) -> bool:
    return re.fullmatch(r"[0-9]*\.?[0-9]+", text) is not None


def _metrics(metrics: Place) -> Iterator[Finding]:
    buckets = list(metrics["latencyDistributionBuckets"].each())
    for one, next_one in itertools.pairwise(buckets):
        if one.number is not None and next_one.number is not None and one.number >= next_one.number:
            yield next_one.wrong(f"{next_one.shown()} does not come after {one.shown()}")
    for path in metrics["http.pathMatching"].each():
        if path.text is not None and not path.text.startswith("/"):
            yield path.wrong(f"{path.shown()} is no path; one begins with /")
    yield from distinct(metrics["http.pathMatching"].each())


def _resiliency(top: Place) -> Iterator[Finding]:
    policies, targets = top["spec.policies"], top["spec.targets"]
    for _, timeout in policies["timeouts"].members():
        yield from _duration(timeout)
    for _, retry in policies["retries"].members():
        yield from _retry(retry)
    for _, breaker in policies["circuitBreakers"].members():
        yield from _breaker(breaker)
    for _, app in targets["apps"].members():
        yield from _references(app, policies)
    for _, actor in targets["actors"].members():
        yield from _references(actor, policies)
        if actor["circuitBreaker"].present:
            yield from required(actor["circuitBreakerScope"], "a circuit breaker of actors needs its scope")
        yield from one_of(actor["circuitBreakerScope"], ("type", "id", "both"))
    for _, component in targets["components"].members():
        for direction in ("inbound", "outbound"):
            yield from _references(component[direction], policies)


def _references(target: Place, policies: Place) -> Iterator[Finding]:
    """A policy that is not there is none: the target is called without it, or the sidecar ends at the first call."""
    for key, kind in _POLICIES.items():
        known = policies[kind]
        name = target[key]
        if name.text and not known.unknown and name.text not in dict(known.members()):
            names = [known_name for known_name, _ in known.members()]
            yield name.wrong(f"{name.shown()} is none of the {kind}{did_you_mean(name.text, names)}")


def _duration(place: Place) -> Iterator[Finding]:
    if place.text is not None and not DURATION.fullmatch(place.text):
        yield place.wrong(f"{place.shown()} is no duration such as 500ms or 10s")


def _retry(retry: Place) -> Iterator[Finding]:
    yield from one_of(retry["policy"], ("constant", "exponential"))
    yield from _duration(retry["duration"])
    yield from _duration(retry["maxInterval"])
    yield from within(retry["maxRetries"], low=-1)
    yield from _codes(retry["matching.httpStatusCodes"], 100, 599)
    yield from _codes(retry["matching.gRPCStatusCodes"], 0, 16)


def _codes(place: Place, low: int, high: int) -> Iterator[Finding]:
    for item in place.text.split(",") if place.text else ():
        first, dash, last = item.partition("-")
        numbers = [int(part) if part.isdigit() else -1 for part in ((first, last) if dash else (first,))]
        if not all(low <= number <= high for number in numbers) or numbers[0] > numbers[-1]:
            yield place.wrong(f'"{item}" is no code from {low} to {high}, nor a range of them; no space belongs there')
            return


def _breaker(breaker: Place) -> Iterator[Finding]:
    yield from _duration(breaker["interval"])
    yield from _duration(breaker["timeout"])
    yield from within(breaker["maxRequests"], low=1)
    trip = breaker["trip"]
    problem = expression_problem(trip.text, _COUNTS) if trip.text else ""
    if problem:
        yield trip.wrong(f"does not compile: {problem}")


def _subscription(top: Place) -> Iterator[Finding]:
    spec = top["spec"]
    for key in ("pubsubname", "topic"):
        yield from required(spec[key], "it is empty")
    routes = spec["routes"]
    if routes.present and not routes.unknown and not routes["default"].present and not routes["rules"].value:
        yield routes.wrong("a subscription without a default and without rules drops every message")
    for rule in routes["rules"].each():
        yield from required(rule["path"], "a rule leads to a path")
        match = rule["match"]
        problem = expression_problem(match.text, {"event"}) if match.text else ""
        if problem:
            yield match.wrong(f"does not compile: {problem}")
    dead_letters = spec["deadLetterTopic"]
    if dead_letters.text and dead_letters.text == spec["topic"].text:
        yield dead_letters.wrong("messages that cannot be handled would come again for ever: it is the topic itself")
    for key, low in (("maxMessagesCount", 1), ("maxAwaitDurationMs", 1)):
        yield from within(spec["bulkSubscribe"][key], low=low)


_CHECKS: Final[dict[str, Callable[[Place], Iterator[Finding]]]] = {
    "Component": check_component,
    "Configuration": _configuration,
    "Resiliency": _resiliency,
    "Subscription": _subscription,
}
