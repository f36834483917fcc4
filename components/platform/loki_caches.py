"""Caches before Loki's object store: memcached where parts are replicated, a little memory of the one process else."""

from typing import Any

CHUNKS_MB = 1024
RESULTS_MB = 256
"""Memory of a memcached, in MiB. The chart's own size, 8 GiB for chunks, would not fit a small node."""


def chunk_cache(distributed: bool, services: str, domain: str) -> dict[str, Any]:
    """What was read from the store of late."""
    if not distributed:
        return _embedded(64, "1h")
    return {
        **_memcached(f"{services}-chunks-cache", domain, timeout="2s"),
        "memcached": {"batch_size": 4, "parallelism": 5},
    }


def results_cache(distributed: bool, services: str, domain: str) -> dict[str, Any]:
    """Answers to parts of queries."""
    if not distributed:
        return _embedded(32, "1h")
    return {**_memcached(f"{services}-results-cache", domain, timeout="500ms"), "default_validity": "12h"}


def _embedded(megabytes: int, validity: str) -> dict[str, Any]:
    """Within the process. Loki turns one of 100 MB on by itself where none is named."""
    return {"embedded_cache": {"enabled": True, "max_size_mb": megabytes, "ttl": validity}}


def _memcached(service: str, domain: str, *, timeout: str) -> dict[str, Any]:
    return {
        "background": {"writeback_buffer": 500_000, "writeback_goroutines": 1, "writeback_size_limit": "500MB"},
        "memcached_client": {
            # One address for each pod, as consistent hashing wants it.
            "addresses": f"dnssrvnoa+_memcached-client._tcp.{service}.{domain}",
            "consistent_hash": True,
            "max_idle_conns": 72,
            "timeout": timeout,
        },
    }
