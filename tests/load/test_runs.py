"""Runs against a stand-in: they pass where it is well, and fail where it is slow, wrong, away or not trusted."""

import pytest

from tests.load.conftest import Runs
from tests.load.run import SYSTEMS
from tests.load.stand_in import Behaviour

HELD = 99
"""k6's status where a threshold does not hold:
https://github.com/grafana/k6/blob/v1.8.1/errext/exitcodes/codes.go"""

CREDENTIALS = {
    "todo": ({"LOAD_TOKEN": "signed"}, ("authorization", "Bearer signed")),
    "orders": ({"LOAD_USER": "somebody", "LOAD_PASSWORD": "of-somebody"}, ("authorization", "Bearer signed")),
    "indexforge": ({"LOAD_API_KEYS": ",".join(["one"] * 6)}, ("apikey", "one")),
    "bakery": ({"LOAD_TOKEN": "signed"}, ("authorization", "Bearer signed")),
}
"""What a run is given, and the header without which the stand-in refuses it."""

ASKED = {
    "todo": {"GET /api/tasks", "POST /api/tasks", "GET /ws"},
    "orders": {"POST /auth/login", "GET /payments", "GetOrder", "ListOrders", "CreateOrder"},
    "indexforge": {"POST /api/v1/documents", "POST /api/v1/ml/embeddings"},
    "bakery": {"GET /api/products", "POST /api/orders"},
}
REMOVED = {
    "todo": "DELETE /api/tasks/17",
    "orders": "CancelOrder",
    "indexforge": "DELETE /api/v1/documents/17",
    "bakery": "DELETE /api/orders/17",
}


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_smoke_run_passes_where_the_system_is_well(system: str, runs: Runs):
    variables, header = CREDENTIALS[system]

    ran = runs(system, Behaviour(credential=header), environment="prod", shorten=10, **variables)

    assert (ran.status, ran.crossed) == (0, ""), ran.said
    assert ASKED[system] <= ran.behaviour.asked.keys()
    assert ran.behaviour.asked[REMOVED[system]] >= 1, "what was made before is not removed after"
    assert "of-somebody" not in ran.said


@pytest.mark.parametrize(
    ("system", "measured"), [("todo", ("http_req_duration", "ws_connecting")), ("orders", ("grpc_req_duration",))]
)
def test_a_run_fails_where_the_system_is_slow(system: str, measured: tuple[str, ...], runs: Runs):
    ran = runs(system, Behaviour(delay_seconds=0.6), **CREDENTIALS[system][0])

    assert ran.status == HELD, ran.said
    assert [metric for metric in measured if metric not in ran.crossed] == []
    assert "errors" not in ran.crossed


@pytest.mark.parametrize("system", ["todo", "orders"])
def test_a_run_fails_where_more_than_one_answer_in_twenty_is_an_error(system: str, runs: Runs):
    ran = runs(system, Behaviour(failing=0.25), **CREDENTIALS[system][0])

    assert ran.status == HELD, ran.said
    assert "'errors," in ran.crossed
    assert "duration" not in ran.crossed


def test_a_run_fails_where_the_gateway_refuses_its_credential(runs: Runs):
    ran = runs("indexforge", Behaviour(credential=("apikey", "another")), LOAD_API_KEYS="one")

    assert ran.status == HELD, ran.said
    assert "errors" in ran.crossed


def test_a_run_fails_where_the_certificate_is_of_nobody_who_is_trusted(runs: Runs):
    ran = runs("todo", Behaviour(), SSL_CERT_FILE="/dev/null", SSL_CERT_DIR="/dev/null")

    assert ran.status == HELD, ran.said
    assert ran.behaviour.asked == {}
    assert "errors" in ran.crossed


def test_of_five_calls_of_orders_four_read_and_one_writes(runs: Runs):
    ran = runs("orders", Behaviour(), profile="load", environment="staging", shorten=180, LOAD_TOKEN="signed")

    asked = ran.behaviour.asked
    # Before the run one order is made, to be read.
    reads, writes = asked["GetOrder"] + asked["ListOrders"], asked["CreateOrder"] - 1
    assert (ran.status, ran.crossed) == (0, ""), ran.said
    assert reads + writes >= 20
    assert abs(reads - 4 * writes) < 5, "no more than what is left of the last ten"


def test_a_long_run_signs_in_again_before_its_token_ends(runs: Runs):
    ran = runs("orders", Behaviour(), profile="soak", shorten=5000, LOAD_ONLY="calls", **CREDENTIALS["orders"][0])

    assert (ran.status, ran.crossed) == (0, ""), ran.said
    assert ran.behaviour.asked["POST /auth/login"] > 2
    assert len(ran.behaviour.shown) > 2, "the run shows the tokens that it gets"
    assert all(shown.startswith("Bearer signed-") for shown in ran.behaviour.shown)


def test_a_token_that_is_given_is_the_only_one_that_is_shown(runs: Runs):
    ran = runs("orders", Behaviour(), profile="soak", shorten=5000, LOAD_TOKEN="given")

    assert (ran.status, ran.crossed) == (0, ""), ran.said
    assert ran.behaviour.shown == {"Bearer given"}
    assert ran.behaviour.asked["POST /auth/login"] == 0


def test_stress_ends_as_soon_as_a_threshold_does_not_hold(runs: Runs):
    ran = runs("bakery", Behaviour(failing=0.5), profile="stress", shorten=60)

    assert ran.status == HELD, ran.said
    assert "at least one has abortOnFail enabled" in ran.said
