"""The protobuf stubs of the Pulumi SDK, without the SDK around them.

`import pulumi` loads the whole programming model, which takes three times as long as the stubs themselves and which
a plugin never uses. The packages above the stubs are therefore entered into `sys.modules` empty, by their paths alone.
"""

import importlib.util
import sys
import types
from importlib.machinery import PathFinder
from pathlib import Path


def use_bare_stubs() -> None:
    """Makes `pulumi.runtime.proto.*` importable by itself. Only for processes that never import the SDK."""
    if "pulumi" in sys.modules:
        return
    found = PathFinder.find_spec("pulumi")
    if found is None or found.submodule_search_locations is None:
        raise ModuleNotFoundError("the Pulumi SDK is not installed here")
    folder = Path(next(iter(found.submodule_search_locations)))
    for name in ("pulumi", "pulumi.runtime", "pulumi.runtime.proto"):
        package = types.ModuleType(name)
        package.__path__ = [str(folder.joinpath(*name.split(".")[1:]))]
        package.__spec__ = importlib.util.spec_from_loader(name, loader=None, is_package=True)
        sys.modules[name] = package
