"""Every script, by every profile, as k6 itself reads it."""

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.load.run import PROFILES, SCRIPTS, SYSTEMS, Run
from tests.programs import program

ENVIRONMENTS = ("dev", "staging", "prod")
CREDENTIALS = {"LOAD_USER": "somebody", "LOAD_PASSWORD": "secret-of-somebody", "LOAD_API_KEYS": "one,two"}
LIBRARY = sorted(SCRIPTS.glob("**/*.js"))


def inspected(system: str, variables: dict[str, str]) -> "subprocess.CompletedProcess[str]":
    known = {key: value for key, value in os.environ.items() if not key.startswith(("LOAD_", "K6_"))}
    command = [
        program("k6"),
        "inspect",
        "--execution-requirements",
        "--include-system-env-vars",
        f"{SCRIPTS}/{system}.js",
    ]
    return subprocess.run(command, env={**known, **variables}, capture_output=True, text=True, check=False)


def options(system: str, profile: str, environment: str, **variables: str) -> dict[str, Any]:
    run = Run(system=system, profile=profile, domain="dev.example.com", environment=environment)
    done = inspected(system, {**run.variables(), **CREDENTIALS, **variables})
    assert done.returncode == 0, done.stderr
    assert "secret-of-somebody" not in done.stdout
    return json.loads(done.stdout)


def highest(scenario: dict[str, Any]) -> float:
    """Iterations a second, or users at once, at the highest stage."""
    targets = [
        scenario.get("startRate") or scenario.get("startVUs") or 0,
        *(one["target"] for one in scenario["stages"]),
    ]
    return max(targets) / (60 if scenario["executor"] == "ramping-arrival-rate" else 1)


@pytest.mark.parametrize("environment", ENVIRONMENTS)
@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("system", SYSTEMS)
def test_k6_reads_every_script_by_every_profile(system: str, profile: str, environment: str):
    found = options(system, profile, environment)

    assert found["tags"] == {
        "system": system,
        "environment": environment,
        "profile": profile,
        "testid": f"{system}-{environment}-{profile}",
    }
    assert found["scenarios"]
    assert "url" not in found["systemTags"]


@pytest.mark.parametrize("system", SYSTEMS)
def test_what_has_to_hold_is_said_of_the_whole_and_of_each_endpoint(system: str):
    found: dict[str, list[str]] = options(system, "load", "prod")["thresholds"]

    latencies = {name: held for name, held in found.items() if not name.startswith("errors")}
    assert found["errors"] == ["rate<0.05"]
    assert set(map(tuple, latencies.values())) == {("p(95)<500", "p(99)<1000")}
    endpoints = {name.partition("{")[2] for name in found if "{" in name}
    assert {f"errors{{{endpoint}" for endpoint in endpoints} < found.keys()
    measured = {name.partition("{")[0] for name in latencies}
    assert measured == {
        "todo": {"http_req_duration", "ws_connecting", "ws_ping"},
        "orders": {"grpc_req_duration", "http_req_duration"},
    }.get(system, {"http_req_duration"})


@pytest.mark.parametrize(
    ("environment", "requests", "connections"), [("dev", 5, 5), ("staging", 25, 50), ("prod", 100, 500)]
)
def test_the_level_is_that_of_the_environment(environment: str, requests: float, connections: float):
    scenarios = options("todo", "load", environment, LOAD_CLIENTS="13")["scenarios"]

    assert highest(scenarios["api"]) == requests
    assert highest(scenarios["live"]) == connections


@pytest.mark.parametrize(
    ("profile", "multiple", "seconds"), [("load", 1, 720), ("stress", 3, 1080), ("spike", 5, 530), ("soak", 0.7, 15000)]
)
def test_a_profile_goes_to_its_multiple_of_the_level(profile: str, multiple: float, seconds: int):
    web = options("bakery", profile, "prod")["scenarios"]["web"]

    assert highest(web) == pytest.approx(50 * multiple)
    assert sum(seconds_of(stage["duration"]) for stage in web["stages"]) == seconds


def test_a_smoke_run_asks_little_of_any_environment():
    for system in SYSTEMS:
        found = options(system, "smoke", "prod")
        assert {highest(one) <= 2 for one in found["scenarios"].values()} == {True}
        assert found["totalDuration"] in ("40s", "1m0s")


def test_stress_ends_where_a_threshold_does_not_hold_and_nothing_else_does():
    stress, load = (options("bakery", profile, "dev")["thresholds"] for profile in ("stress", "load"))

    assert stress["errors"] == [{"threshold": "rate<0.05", "abortOnFail": True, "delayAbortEval": "30s"}]
    assert load["errors"] == ["rate<0.05"]


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("keys", [1, 2, 40])
def test_indexforge_is_asked_no_more_than_its_keys_may(profile: str, keys: int):
    given = ",".join(f"key-{number}" for number in range(keys))
    scenarios = options("indexforge", profile, "prod", LOAD_API_KEYS=given)["scenarios"]

    assert highest(scenarios["api"]) * 60 <= 60 * keys
    assert highest(scenarios["ml"]) * 60 <= 30 * keys


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("clients", [1, 5])
def test_todo_is_asked_no_more_than_its_clients_may(profile: str, clients: int):
    scenarios = options("todo", profile, "prod", LOAD_CLIENTS=str(clients))["scenarios"]

    assert highest(scenarios["api"]) * 60 <= 600 * clients


def test_a_run_says_that_a_limit_is_below_its_level():
    run = Run(system="todo", profile="load", domain="dev.example.com", environment="prod")

    said = inspected("todo", {**run.variables(), **CREDENTIALS}).stderr

    assert "todo, api: 8.00 a second in place of 100, which 1 may ask at most" in said


def test_the_levels_of_indexforge_are_reached_with_enough_keys():
    scenarios = options("indexforge", "load", "prod", LOAD_API_KEYS=",".join("k" * 25))["scenarios"]

    assert (highest(scenarios["api"]), highest(scenarios["ml"])) == (20, 5)


def test_one_scenario_alone_is_run_where_it_is_named():
    found = options("orders", "load", "dev", LOAD_ONLY="calls")

    assert list(found["scenarios"]) == ["calls"]
    assert "http_req_duration" not in found["thresholds"]


def test_who_has_a_token_does_not_sign_in():
    found = options("orders", "load", "dev", LOAD_USER="", LOAD_TOKEN="signed")

    assert sorted(found["scenarios"]) == ["calls", "payments"]


@pytest.mark.parametrize(
    ("system", "variables", "said"),
    [
        ("todo", {"LOAD_DOMAIN": ""}, "LOAD_DOMAIN is missing"),
        ("todo", {"LOAD_PROFILE": "lode"}, "LOAD_PROFILE: lode is none of smoke, load, stress, spike, soak"),
        ("todo", {"LOAD_ENVIRONMENT": "test"}, "LOAD_ENVIRONMENT: test is none of dev, staging, prod"),
        ("todo", {"LOAD_SHORTEN": "0"}, "LOAD_SHORTEN: 0 is no number above 0"),
        ("todo", {"LOAD_ONLY": "live,calls"}, "LOAD_ONLY: calls is none of api, live"),
        ("orders", {"LOAD_USER": ""}, "LOAD_USER (with LOAD_PASSWORD), or LOAD_TOKEN, is missing"),
        ("indexforge", {"LOAD_API_KEYS": ""}, "LOAD_API_KEYS is missing"),
    ],
)
def test_a_script_says_what_it_is_not_told(system: str, variables: dict[str, str], said: str):
    run = Run(system=system, profile="smoke", domain="dev.example.com", environment="dev")

    done = inspected(system, {**run.variables(), **CREDENTIALS, **variables})

    assert done.returncode != 0
    assert said in done.stderr


def test_the_command_line_knows_the_profiles_of_the_scripts():
    text = (SCRIPTS / "lib" / "profiles.js").read_text()

    assert tuple(re.findall(r"^  (\w+): \{", text, re.MULTILINE)) == PROFILES


@pytest.mark.parametrize("script", LIBRARY, ids=lambda path: path.name)
def test_only_the_settings_read_the_environment(script: Path):
    assert ("__ENV" in script.read_text()) is (script.name == "settings.js")


def seconds_of(duration: str) -> float:
    parts = re.findall(r"([\d.]+)(ms|h|m|s)", duration)
    return sum(float(number) * {"h": 3600, "m": 60, "s": 1, "ms": 0.001}[unit] for number, unit in parts)
