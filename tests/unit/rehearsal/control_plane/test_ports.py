"""Free ports on loopback."""

import socket

import pytest

from rehearsal.control_plane import ports
from rehearsal.control_plane.ports import NoPortError, free_port, is_free


def test_a_taken_port_is_passed_over():
    first = free_port("seed")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", first))
        taken.listen()

        assert not is_free(first)
        assert free_port("seed") != first


def test_ports_lie_below_those_that_the_system_hands_out():
    chosen = {free_port(f"seed {number}") for number in range(50)}

    assert len(chosen) > 40
    assert all(20000 <= port < 32000 for port in chosen)


def test_that_every_port_is_taken_is_told(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(ports, "is_free", lambda port: False)

    with pytest.raises(NoPortError, match="no port from 20000 to 31999 is free"):
        free_port("seed")
