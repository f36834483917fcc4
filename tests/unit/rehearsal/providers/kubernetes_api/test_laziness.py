"""The client of a real API is loaded only where one is asked for."""

import subprocess
import sys

import pytest

_PROGRAM = """
import sys
import rehearsal.providers.{package}.provider
print("kubernetes" in sys.modules, "rehearsal.providers.inventory" in sys.modules)
"""


@pytest.mark.parametrize(
    ("package", "client_and_inventory"), [("kubernetes", "False True"), ("kubernetes_api", "True False")]
)
def test_each_provider_loads_its_own_means_alone(package: str, client_and_inventory: str):
    program = _PROGRAM.format(package=package)

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == client_and_inventory
