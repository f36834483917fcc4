"""Breaks references: what a registration takes from another resource of the plan becomes one that does not exist."""

from collections.abc import Iterator, Sequence
from typing import Any

from tests.mutants.mutant import Mutant
from tests.mutants.registrations import UNKNOWN, Path, Registration, bare, members

RELEASE = "kubernetes:helm.sh/v3:Release"
_NAMESPACE = {RELEASE: ("namespace",)}
_IDENTITIES = ("name", "selfLink", "email", "member", "keyUriWithVersion", "vaultUri")
"""Outputs by which a cloud names a resource. Not those by which a directory outside of it does, such as Azure's
`principalId`: what there is in a directory no plan can say."""
_SHORTEST = 6
"""Characters of a name that can hardly be anything else by chance."""


def dangling(registration: Registration, plan: Sequence[Registration]) -> Iterator[Mutant]:
    """A reference to nothing, for each one to another resource."""
    if registration.type.startswith("pulumi:providers:"):
        return
    if registration.type.startswith("kubernetes:"):
        path = _NAMESPACE.get(registration.type, ("metadata", "namespace"))
        namespace = _at(registration.inputs, path)
        if isinstance(namespace, str):
            yield _broken(registration, path, f"{namespace}-gone")
        return
    known = {name for other in plan if other.urn != registration.urn for name in _names(other)}
    for path, value in _texts(registration.inputs, ()):
        if value in known and (
            _at(registration.planned, path) is UNKNOWN or "/" in value or value.startswith("ocid1.")
        ):
            yield _broken(registration, path, elsewhere(value))


def elsewhere(reference: str) -> str:
    """A reference of the same form to something that does not exist."""
    if reference.startswith("ocid1."):
        return reference[:-8] + ("0" * 8 if not reference.endswith("0" * 8) else "1" * 8)
    name, at, domain = reference.partition("@")
    if at:
        return f"{name}-gone@{domain}"
    return f"{reference}gone" if reference.isalnum() else f"{reference}-gone"


def _broken(registration: Registration, path: Path, value: str) -> Mutant:
    return Mutant(registration=registration, kind="dangling reference", path=path, value=value)


def _names(registration: Registration) -> Iterator[str]:
    """A grant that gives back the member that it was given is no identity of that member."""
    made = {key for key in _IDENTITIES if key == "name" or key not in registration.inputs}
    for name in (registration.id, *(bare(registration.outputs.get(key)) for key in made)):
        if isinstance(name, str) and len(name) >= _SHORTEST:
            yield name


def _texts(value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(bare(value), str):
        yield path, bare(value)
    for step, item in members(value):
        yield from _texts(item, (*path, step))


def _at(value: Any, path: Path) -> Any:
    """What is there; unknown where anything on the way is."""
    for step in path:
        value = bare(value)
        if value is UNKNOWN:
            return UNKNOWN
        value = dict(members(value)).get(step)
    return bare(value)
