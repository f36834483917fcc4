"""The command that writes the gateway's file, and lets Kong read it."""

import json
from pathlib import Path

import pytest
from contract_check.kong_declarative import refusals

from rehearsal.gateway import command, main
from stacks.versions import KONG_IMAGE_TAG
from tests.plans import STACKS


def engine(folder: Path, name: str, status: int) -> None:
    """Something that is called like one that runs images, and writes down how."""
    script = folder / name
    mounted = 'sed -E "s/.*--volume=([^:]*).*/\\1/"'
    lines = [
        "#!/bin/sh",
        f'echo "$@" > {folder}/called',
        f'cat "$(echo "$@" | {mounted})/kong.yml" > {folder}/read',
        f"exit {status}",
    ]
    script.write_text("\n".join(lines))
    script.chmod(0o755)


@pytest.mark.parametrize("stack", STACKS)
def test_kong_takes_the_file_of_every_stack(stack: str, capsys: pytest.CaptureFixture[str]):
    assert main([stack]) == 0

    document = json.loads(capsys.readouterr().out)
    assert refusals(document) == []
    assert {service["name"] for service in document["services"]} >= {"grafana", "todo.backend.http"}


def test_no_credential_is_in_the_file(capsys: pytest.CaptureFixture[str]):
    main(["gke-dev"])

    (admin,) = json.loads(capsys.readouterr().out)["consumers"]
    assert admin["basicauth_credentials"] == [{"username": "admin", "password": "credential admin/password/0"}]


@pytest.mark.parametrize(("name", "status"), [("docker", 0), ("podman", 1)])
def test_kong_reads_the_same_file_where_its_image_can_be_run(
    name: str, status: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    engine(tmp_path, name, status)
    main(["gke-dev"])
    written = capsys.readouterr().out
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setattr("rehearsal.gateway.ENGINES", (name,))

    assert main(["gke-dev", "--parse"]) == status
    assert (tmp_path / "read").read_text() == written.rstrip("\n")
    assert (
        (tmp_path / "called")
        .read_text()
        .rstrip()
        .endswith(f"docker.io/library/kong:{KONG_IMAGE_TAG} kong config parse /kong_dbless/kong.yml")
    )


def test_kong_knows_the_plugins_that_it_has_on_the_cluster(tmp_path: Path):
    found = command("docker", tmp_path)

    assert "--env=KONG_DATABASE=off" in found
    assert "rate-limiting" in next(one for one in found if one.startswith("--env=KONG_PLUGINS="))
    assert "--network=none" in found


def test_without_anything_that_runs_an_image_it_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr("rehearsal.gateway.ENGINES", ("no-such-engine", "nor-this-one"))

    assert main(["gke-dev", "--parse"]) == 1
    assert capsys.readouterr().err == "Nothing here runs an image: no-such-engine and nor-this-one are both missing.\n"


def test_an_unknown_stack_is_told(capsys: pytest.CaptureFixture[str]):
    assert main(["gke-nowhere"]) == 1
    assert "there is no stack file stacks/Pulumi.gke-nowhere.yaml" in capsys.readouterr().err
