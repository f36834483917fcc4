"""Values that workload files are made of: ordinary ones, and such as YAML takes for something else."""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, TypeVar

from hypothesis import strategies as st

Value = TypeVar("Value")

DIGEST = f"sha256:{'0123456789abcdef' * 4}"

WORDS = ("a", "on", "no", "y", "null", "true", "off", "orders", "web-2", "x1")
"""Names of lower-case letters, some of which YAML 1.1 takes for a truth or for nothing."""

TEXTS = st.sampled_from(
    [
        *("", " ", "no", "1.0", "0x1f", "null", "~", "a: b", "- a", "#a", "{{ .Values.image }}", "$(HOME)", "${HOME}"),
        *('"quoted"', "it's", "back\\slash", "two\nlines\n", "tab\there", "ünïcode ☃ 𝒳", "%25", "@at", "`tick`", "*a"),
    ]
) | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=12)
"""Text that may hold anything."""

WORD = TEXTS.filter(bool)
VARIABLES = st.sampled_from(["A", "NO", "Y", "ON", "NULL", "TRUE", "_", "LOG_FORMAT", "lower", "X9"])
PLAIN_PATHS = st.sampled_from(["/", "/health", "/health/ready", "/-/ready", "/a.b", "/v1/items/%7Bid%7D", "/on"])
PATHS = PLAIN_PATHS | st.sampled_from(["/health?full=true", "/?", "/a?b=http://c"])
SCHEDULES = st.sampled_from(
    ["* * * * *", "0 6 * * 1-5", "*/5 0,12 1-7 JAN-mar ?", "59 23 31 12 6", "0 0 * * sun", "1-59/2 * * * MON,tue"]
)
TIME_ZONES = st.sampled_from(
    ["UTC", "Europe/Madrid", "America/Argentina/Buenos_Aires", "Etc/GMT+5", "America/Port-au-Prince"]
)
CPUS = st.sampled_from(["1m", "50m", "250m", "1", "0.5", "1.25", "64"])
MEMORIES = st.sampled_from(["65536Ki", "64Mi", "128Mi", "1Gi", "3Gi"])
TEAMS = st.sampled_from(["payments", "Team_1", "a.b-c", "x" * 63, "no", "1"])
SECRETS = st.sampled_from(["token", "on", "1", "api-key", "a" * 100, "db-password-2"])
TAGS = st.sampled_from(["1.0.0", "1", "latest", "_x", "A-b.c", "1e3", "t" * 128])

HTTP_STATUSES = (200, 204, 301, 302, 404, 429, 500, 502, 503, 504)


def some(values: Iterable[Value], least: int = 0, most: int = 3) -> st.SearchStrategy[list[Value]]:
    """A few of these, none twice."""
    return _some(tuple(values), least, most)


@cache
def _some(values: tuple[Any, ...], least: int, most: int) -> st.SearchStrategy[list[Any]]:
    return st.lists(st.sampled_from(values), min_size=least, max_size=min(most, len(values)), unique=True)


def one_of(*values: Value) -> st.SearchStrategy[Value]:
    """One of these."""
    return _one_of(values)


@cache
def _one_of(values: tuple[Any, ...]) -> st.SearchStrategy[Any]:
    return st.sampled_from(values)


@cache
def few(keys: st.SearchStrategy[str], values: st.SearchStrategy[Any], least: int = 0) -> st.SearchStrategy[Any]:
    """A small mapping."""
    return st.dictionaries(keys, values, min_size=least, max_size=3)


@st.composite
def part(
    draw: st.DrawFn, needed: Mapping[str, Any] | None = None, /, **optional: st.SearchStrategy[Any]
) -> dict[str, Any]:
    """A mapping with what is needed, drawn or as it is, and some of what is optional.

    Hypothesis has the same, and looks at every part each time, whether it is drawn or not.
    """
    # Hypothesis prefers small numbers, which would leave out what stands last: their digits are mixed.
    chosen = draw(whole(0, 2**16)) * 0x9E3779B97F4A7C15 >> 29 if optional else 0
    made = {key: draw(one) if isinstance(one, st.SearchStrategy) else one for key, one in (needed or {}).items()}
    return made | {key: draw(one) for number, (key, one) in enumerate(optional.items()) if chosen >> number & 1}


@st.composite
def sparse(draw: st.DrawFn, parts: Mapping[str, st.SearchStrategy[Any]], most: int) -> dict[str, Any]:
    """A mapping that has as many of the keys at most: whatever there is one finds beside whatever else there is."""
    return {key: draw(parts[key]) for key in draw(some(parts, most=most))}


@cache
def whole(low: int, high: int) -> st.SearchStrategy[int]:
    """A whole number, often one of the bounds."""
    return st.integers(low, high)


@cache
def share(low: float, high: float) -> st.SearchStrategy[float]:
    """A number between both."""
    return whole(1, 9999).map(lambda parts: round(low + (high - low) * parts / 10000, 4))


IMAGES = st.one_of(
    part({"tag": TAGS}, repository=st.sampled_from(["shop/orders", "a", "a/b__c/d-e.f"])),
    part({"digest": st.just(DIGEST)}, tag=TAGS),
)
RESOURCES = part(cpu=CPUS, memory=MEMORIES)
BOOLEANS = st.booleans()
