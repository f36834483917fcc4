"""Whom a service calls: other services, and hosts outside of the cluster. Nothing else is open to it."""

import difflib
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address
from typing import Annotated, Protocol

from pydantic import AfterValidator

HTTPS = 443
"""Port of a host that is written without one."""

_SERVICE = re.compile(r"([a-z](?:[a-z0-9-]*[a-z0-9])?/)?([a-z](?:[a-z0-9-]{0,38}[a-z0-9])?)")
_HOST = re.compile(r"(?=.{1,253}(?::|$))((?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{1,63})(?::([0-9]{1,5}))?")
_INSIDE = (".svc", ".cluster.local")


@dataclass(frozen=True)
class ServiceCall:
    """A call to a service of a workload: the caller's own, if none is named."""

    service: str
    workload: str | None = None


@dataclass(frozen=True)
class HostCall:
    """A call to a host outside of the cluster."""

    host: str
    port: int = HTTPS

    @property
    def is_address(self) -> bool:
        """Whether the host is an address and no name."""
        return _is_address(self.host)


class _Service(Protocol):
    @property
    def calls(self) -> Sequence[str]: ...

    @property
    def ports(self) -> Mapping[str, object]: ...


class _Workload(Protocol):
    @property
    def services(self) -> Mapping[str, _Service]: ...


def parse_call(text: str) -> ServiceCall | HostCall:
    """What an entry of `calls` says. Raises `ValueError` where it is none."""
    if service := _SERVICE.fullmatch(text):
        workload = service[1]
        return ServiceCall(service=service[2], workload=workload.removesuffix("/") if workload else None)
    host = _HOST.fullmatch(text)
    if host is None or not (_is_address(host[1]) or re.search("[a-z]", host[1].rsplit(".", 1)[1])):
        raise ValueError(
            "expected a service of this workload, workload/service, or a host outside of the cluster with a dot in its"
            " name, for example backend, identity/users, api.acme.example or db.acme.example:5432"
        )
    if host[1].endswith(_INSIDE):
        raise ValueError("a name inside the cluster; call a service by its own name, or as workload/service")
    port = int(host[2] or HTTPS)
    if not 1 <= port <= 65535:
        raise ValueError("expected a port from 1 to 65535 after the host")
    return HostCall(host=host[1], port=port)


def _is_address(text: str) -> bool:
    try:
        IPv4Address(text)
    except AddressValueError:
        return False
    return True


def _parsed(text: str) -> str:
    parse_call(text)
    return text


def _nothing_twice(calls: Sequence[str]) -> Sequence[str]:
    count = Counter(parse_call(call) for call in calls)
    twice = list(dict.fromkeys(call for call in calls if count[parse_call(call)] > 1))
    if twice:
        raise ValueError(f"{', '.join(twice)} {'are one call' if len(twice) > 1 else 'more than once'}")
    return calls


Call = Annotated[str, AfterValidator(_parsed)]
Calls = Annotated[tuple[Call, ...], AfterValidator(_nothing_twice)]
"""`service` of the same workload, `workload/service`, `host` (its HTTPS port) or `host:port` outside of the cluster."""


def problems_inside(services: Mapping[str, _Service]) -> list[tuple[str, str]]:
    """What is wrong with the calls of one workload's services to each other: key path, and text."""
    return [
        (f"{caller}.calls.{index}", problem)
        for caller, index, call in _service_calls(services)
        if call.workload is None
        for problem in _problem(caller, call.service, services)
    ]


def _problem(caller: str, called: str, services: Mapping[str, _Service]) -> Iterator[str]:
    if called == caller:
        yield "the service itself"
    elif called not in services:
        yield f"there is no service {called}{_suggestion(called, services)}"
    elif not services[called].ports:
        yield f"{called} has no port to be called at"


def problems_across(workloads: Mapping[str, _Workload], unread: Sequence[str] = ()) -> list[str]:
    """What is wrong with the calls from workload to workload, one line each. `unread` are those of which only the name
    is known, since their own file is wrong.
    """
    return [
        f"workloads/{workload}.yaml: services.{caller}.calls.{index}: {problem}"
        for workload, spec in workloads.items()
        for caller, index, call in _service_calls(spec.services)
        if call.workload is not None and call.workload not in unread
        for problem in _problem_across(workload, call.workload, call.service, workloads)
    ]


def _problem_across(
    workload: str, called_workload: str, called: str, workloads: Mapping[str, _Workload]
) -> Iterator[str]:
    if called_workload == workload:
        yield f"the same workload; write {called}"
    elif called_workload not in workloads:
        yield f"{called_workload} is none of the stack's workloads{_suggestion(called_workload, workloads)}"
    elif called not in workloads[called_workload].services:
        services = workloads[called_workload].services
        yield f"{called_workload} has no service {called}{_suggestion(called, services)}"
    elif not workloads[called_workload].services[called].ports:
        yield f"{called_workload}/{called} has no port to be called at"


def _service_calls(services: Mapping[str, _Service]) -> Iterator[tuple[str, int, ServiceCall]]:
    for caller, spec in services.items():
        for index, text in enumerate(spec.calls):
            if isinstance(call := parse_call(text), ServiceCall):
                yield caller, index, call


def _suggestion(name: str, known: Mapping[str, object]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    return f', did you mean "{near[0]}"?' if near else ""
