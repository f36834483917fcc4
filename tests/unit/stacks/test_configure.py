"""`make configure`: asking for the account and writing the stack file."""

import shutil
from pathlib import Path

import pytest
import yaml

from stacks.configure import configure, main
from stacks.stack_file import StackFileError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for file in Path("stacks").glob("Pulumi.*.yaml"):
        shutil.copy(file, tmp_path)
    return tmp_path


@pytest.fixture
def answer(monkeypatch: pytest.MonkeyPatch):
    def set_answers(*lines: str) -> None:
        remaining = iter(lines)

        def reply(prompt: str = "") -> str:
            try:
                return next(remaining)
            except StopIteration:
                raise EOFError from None

        monkeypatch.setattr("builtins.input", reply)

    return set_answers


def settings(folder: Path, stack: str) -> dict:
    return yaml.safe_load((folder / f"Pulumi.{stack}.yaml").read_text())["config"]["groundwork:stack"]


def test_writes_the_account_and_what_goes_with_it(folder: Path, answer):
    before = settings(folder, "gke-prod")
    answer("acme-prod", "us-east1", "us-east1-b, us-east1-c", "acme.example")

    configure("gke-prod", folder)

    after = settings(folder, "gke-prod")
    assert after["account"] == {"project": "acme-prod", "region": "us-east1"}
    assert after["cluster"]["zones"] == ["us-east1-b", "us-east1-c"]
    assert after["domain"] == "acme.example"
    assert after["cluster"]["node_pools"] == before["cluster"]["node_pools"]


def test_an_empty_answer_keeps_what_the_file_says(folder: Path, answer):
    before = settings(folder, "gke-dev")
    answer("", "", "", "")

    configure("gke-dev", folder)

    assert settings(folder, "gke-dev") == before


def test_the_remark_that_the_account_is_fictitious_goes_and_other_comments_stay(folder: Path, answer):
    path = folder / "Pulumi.gke-dev.yaml"
    path.write_text(path.read_text().replace("    workloads:", "    # what runs here\n    workloads:"))
    answer("acme-dev", "", "", "")

    configure("gke-dev", folder)

    assert "fictitious" not in path.read_text()
    assert "# what runs here" in path.read_text()


def test_the_remark_stays_as_long_as_the_account_does(folder: Path, answer):
    answer("", "", "", "dev.acme.example")

    configured = configure("gke-dev", folder)

    assert configured.fictitious is True
    assert "# fictitious;" in configured.path.read_text()
    assert settings(folder, "gke-dev")["domain"] == "dev.acme.example"


def test_a_stack_is_only_called_ready_with_an_account_of_ones_own(
    folder: Path, answer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    (folder / "stacks").mkdir()
    shutil.copy(folder / "Pulumi.gke-dev.yaml", folder / "stacks")
    monkeypatch.chdir(folder)

    answer("", "", "", "")
    assert main(["gke-dev"]) == 0
    assert capsys.readouterr().out.endswith(
        "the account is still the fictitious one; `make preview STACK=gke-dev` rehearses it\n"
    )

    answer("acme-dev", "", "", "")
    assert main(["gke-dev"]) == 0
    assert capsys.readouterr().out.endswith(
        "stacks/Pulumi.gke-dev.yaml is ready: pulumi stack init gke-dev, once, then pulumi up -s gke-dev\n"
    )


def test_what_is_looked_up_on_oke_is_not_asked_for(
    folder: Path, answer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    (folder / "stacks").mkdir()
    shutil.copy(folder / "Pulumi.oke-dev.yaml", folder / "stacks")
    monkeypatch.chdir(folder)

    answer("ocid1.tenancy.oc1..acme", "ocid1.compartment.oc1..acme", "eu-milan-1", "eu-milan-1", "acme.example")
    assert main(["oke-dev"]) == 0

    said = capsys.readouterr().out
    assert "image_ocid" not in said
    assert "oke-dev.yaml is ready: make pin STACK=oke-dev, then pulumi stack init oke-dev" in said


def test_an_account_that_is_missing_is_asked_for(folder: Path, answer):
    path = folder / "Pulumi.local-dev.yaml"
    document = yaml.safe_load(path.read_text())
    del document["config"]["groundwork:stack"]["account"]
    path.write_text(yaml.safe_dump(document))
    answer("minikube")

    configure("local-dev", folder)

    assert settings(folder, "local-dev")["account"] == {"context": "minikube"}


def test_asks_again_until_an_answer_is_valid(folder: Path, answer, capsys: pytest.CaptureFixture[str]):
    answer("Not A Project", "acme-dev", "europe-west1", "us-east1-b", "europe-west1-c", "dev.acme.example")

    configure("gke-dev", folder)

    assert settings(folder, "gke-dev")["account"]["project"] == "acme-dev"
    assert settings(folder, "gke-dev")["cluster"]["zones"] == ["europe-west1-c"]
    assert "cluster.zones: us-east1-b not in region europe-west1" in capsys.readouterr().out


def test_nothing_is_written_when_the_answers_end_early(folder: Path, answer):
    before = (folder / "Pulumi.gke-dev.yaml").read_bytes()
    answer("acme-dev")

    with pytest.raises(StackFileError, match=r"ended before account\.region"):
        configure("gke-dev", folder)

    assert (folder / "Pulumi.gke-dev.yaml").read_bytes() == before


def test_a_file_that_is_wrong_elsewhere_is_told_before_the_first_question(folder: Path, answer):
    path = folder / "Pulumi.gke-dev.yaml"
    path.write_text(path.read_text().replace("min_nodes: 1", "min_nodse: 1"))
    before = path.read_bytes()
    answer()

    with pytest.raises(StackFileError, match='did you mean "min_nodes"'):
        configure("gke-dev", folder)

    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("content", "reason"),
    [("config: {}", "no object"), ("config: [", "no object"), ("config: {'groundwork:stack': {cloud: aws}}", "cloud:")],
)
def test_a_file_without_settings_is_told_in_one_message(folder: Path, content: str, reason: str):
    (folder / "Pulumi.odd-dev.yaml").write_text(content)

    with pytest.raises(StackFileError, match=reason):
        configure("odd-dev", folder)


def test_a_file_that_is_not_utf_8_is_told_in_one_message(folder: Path):
    (folder / "Pulumi.odd-dev.yaml").write_bytes("# Zähler\nconfig: {}\n".encode("latin-1"))

    with pytest.raises(StackFileError, match=r"not UTF-8 text: byte 3"):
        configure("odd-dev", folder)


def test_an_unknown_stack_lists_the_known_ones(folder: Path):
    with pytest.raises(StackFileError, match=r"known stacks: .*gke-dev, gke-prod, gke-staging, local-dev"):
        configure("gke-test", folder)


def test_the_command_says_what_to_do_and_exits_with_1(capsys: pytest.CaptureFixture[str]):
    assert main(["gke-test"]) == 1
    assert "there is no stack file stacks/Pulumi.gke-test.yaml" in capsys.readouterr().err
    assert main([]) == 2


def test_local_asks_for_the_context_alone(folder: Path, answer):
    answer("minikube")

    configure("local-dev", folder)

    assert settings(folder, "local-dev")["account"] == {"context": "minikube"}
