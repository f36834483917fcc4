"""Shows what exists in the rehearsed accounts, and what of it no stack's state knows."""

from collections.abc import Iterable, Sequence

from rehearsal import state
from rehearsal.places import Places
from rehearsal.providers.inventory import Inventory, Resource
from rehearsal.state import Recorded


def show(places: Places) -> int:
    """Prints everything by account, orphans marked."""
    existing = _existing(places)
    if not existing:
        print("Nothing exists.")
        return 0
    orphans = {_key(resource) for resource in orphaned(existing, state.all_resources(places.state))}
    account = None
    for resource in existing:
        if resource.account != account:
            account = resource.account
            print(account)
        mark = "  (in no state)" if _key(resource) in orphans else ""
        print(f"  {resource.type}  {resource.id}{_retention(resource) or mark}")
    print(f"{len(existing)} exist, {len(orphans)} of them in no state.")
    return 0


def check(places: Places) -> None:
    """Fails where the inventory is damaged or of another version, before an engine starts."""
    if places.inventory.is_file():
        Inventory(places.inventory).check()


def accounts_of(places: Places, recorded: Sequence[Recorded]) -> set[str]:
    """The accounts in which something of a stack exists."""
    ours = {(one.type, one.id) for one in recorded}
    return {resource.account for resource in _existing(places) if _key(resource) in ours}


def show_remainder(places: Places, accounts: set[str]) -> None:
    """Prints what exists in these accounts although no stack knows it any more."""
    orphans = orphaned(_existing(places), state.all_resources(places.state))
    remaining = [resource for resource in orphans if resource.account in accounts]
    if remaining:
        print("What remains in the rehearsed accounts:")
        for resource in remaining:
            print(f"  {resource.account}  {resource.type}  {resource.id}{_retention(resource)}")


def orphaned(existing: Iterable[Resource], known: Iterable[Recorded]) -> list[Resource]:
    """What exists without being in any state. What something else brought along goes by that."""
    in_state = {(recorded.type, recorded.id) for recorded in known}
    return [resource for resource in existing if not resource.owner and _key(resource) not in in_state]


def _existing(places: Places) -> list[Resource]:
    return Inventory(places.inventory).list() if places.inventory.is_file() else []


def _key(resource: Resource) -> tuple[str, str]:
    return resource.type, resource.id


def _retention(resource: Resource) -> str:
    return "  (stays)" if resource.retained else ""
