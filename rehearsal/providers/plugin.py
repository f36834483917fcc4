"""What every provider executable runs: the plugin of one package, started with as little as it needs."""

from importlib import import_module

from rehearsal.sdk_stubs import use_bare_stubs


def main(package: str) -> None:
    """Serves the provider in `rehearsal.providers.<package>` until the engine ends."""
    use_bare_stubs()
    server = import_module("rehearsal.providers.server")
    provider = import_module(f"rehearsal.providers.{package}.provider")
    server.serve(provider.create())
