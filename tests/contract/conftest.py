"""What the tests of the contract check share: a cache of their own and one way to ask for findings."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from contract_check import type_cache
from contract_check.check import check_resource

Report = Callable[..., list[str]]


@pytest.fixture(scope="package", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """For these tests alone: others find programs in the cache of the machine."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        for memo in (type_cache.resource_types, type_cache.classes, type_cache.known_tokens):
            memo.cache_clear()
        yield


@pytest.fixture
def report() -> Report:
    """The findings on one resource, as text."""

    def findings(token: str, inputs: dict[str, Any], ignore_changes: tuple[str, ...] = ()) -> list[str]:
        return [str(found) for found in check_resource(token, inputs, ignore_changes)]

    return findings
