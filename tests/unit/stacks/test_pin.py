"""`make pin`: looking up availability domains and the node image, with a command line that answers as Oracle's does."""

import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from stacks.pin import choose_domains, main, pin
from stacks.stack_file import StackFileError

PREFIX = "Uocm:EU-FRANKFURT-1-AD"
OLDEST = "Oracle-Linux-8.10-2026.02.28-0-OKE-1.35.2-1402"
NEWEST = "ocid1.image.oc1.eu-frankfurt-1.newest"

Answers = Callable[..., Path]

FAKE = """\
#!{python}
import json, sys
from pathlib import Path

here = Path(__file__).parent
with (here / "asked").open("a") as asked:
    print(*sys.argv[1:], file=asked)
name = "domains" if "availability-domain" in sys.argv else "options"
sys.stderr.write((here / f"{{name}}.err").read_text())
sys.stdout.write((here / f"{{name}}.out").read_text())
sys.exit(int((here / f"{{name}}.rc").read_text()))
"""


def image(name: str, ocid: str = "other", kind: str = "IMAGE") -> dict[str, str]:
    return {"image-id": f"ocid1.image.oc1.eu-frankfurt-1.{ocid}", "source-name": name, "source-type": kind}


def options(*sources: dict[str, str], **changes: Any) -> str:
    """What `oci ce node-pool-options get` prints, in no order."""
    known = [
        image(OLDEST, "older"),
        image("Oracle-Linux-8.10-Gen2-GPU-2026.09.30-0-OKE-1.35.2-1500", "graphics"),
        image("Oracle-Linux-8.10-2026.09.30-0-OKE-1.35.2-1499", "newest"),
        image("Oracle-Linux-8.10-aarch64-2026.09.30-0-OKE-1.35.2-1499", "arm"),
        image("Oracle-Linux-8.10-2026.10.30-0-OKE-1.36.4-1601", "newer-kubernetes"),
        image("Oracle-Linux-8.10-2026.10.30-0-OKE-1.35.20-1601", "a-longer-patch"),
        image("Oracle-Linux-8.9-2026.11.15-0-OKE-1.35.2-1700", "an-older-system"),
        image("a-golden-image-2026.11.15-0-OKE-1.35.2-1", "somebody-elses"),
    ]
    data = {
        "images": ["Oracle-Linux-8.10"],
        "kubernetes-versions": ["v1.34.2", "v1.35.2", "v1.36.4"],
        "shapes": ["VM.Standard.A1.Flex", "VM.Standard.E4.Flex", "VM.Standard.E5.Flex"],
        "sources": [*known, *sources],
        **changes,
    }
    return json.dumps({"data": data}, indent=2)


def domains(*numbers: int) -> str:
    """What `oci iam availability-domain list` prints."""
    listed = [{"compartment-id": "t", "id": f"ocid1.ad.{number}", "name": f"{PREFIX}-{number}"} for number in numbers]
    return json.dumps({"data": listed}, indent=2)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Stack files of one's own."""
    copies = tmp_path / "stacks"
    copies.mkdir()
    for file in Path("stacks").glob("Pulumi.*.yaml"):
        shutil.copy(file, copies)
    return copies


@pytest.fixture
def oci(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Answers:
    """Puts an `oci` on PATH that answers what it is told. Gives the folder in which it notes what it was asked."""
    place = tmp_path / "bin"
    place.mkdir()
    program = place / "oci"
    program.write_text(FAKE.format(python=sys.executable))
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(place))

    def answers(**given: str) -> Path:
        defaults = {"domains.out": domains(3, 1, 2), "options.out": options(), "domains.rc": "0", "options.rc": "0"}
        for name in ("domains.out", "domains.err", "domains.rc", "options.out", "options.err", "options.rc"):
            (place / name).write_text(given.get(name.replace(".", "_"), defaults.get(name, "")))
        return place

    return answers


def settings(folder: Path, stack: str) -> dict[str, Any]:
    return yaml.safe_load((folder / f"Pulumi.{stack}.yaml").read_text())["config"]["groundwork:stack"]


def change(folder: Path, stack: str, old: str, new: str) -> None:
    """Edits a stack file."""
    path = folder / f"Pulumi.{stack}.yaml"
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))


def test_every_domain_of_the_region_and_the_newest_image_that_fits_are_pinned(folder: Path, oci: Answers):
    place = oci()

    pinned = pin("oke-prod", folder)

    cluster = settings(folder, "oke-prod")["cluster"]
    assert cluster["availability_domains"] == [f"{PREFIX}-1", f"{PREFIX}-2", f"{PREFIX}-3"]
    assert cluster["image_ocid"] == pinned.image == NEWEST
    assert pinned.image_name == "Oracle-Linux-8.10-2026.09.30-0-OKE-1.35.2-1499"
    account = settings(folder, "oke-prod")["account"]
    assert (place / "asked").read_text().splitlines() == [
        f"iam availability-domain list --compartment-id {account['tenancy_ocid']} "
        "--region eu-frankfurt-1 --output json",
        "ce node-pool-options get --node-pool-option-id all "
        f"--compartment-id {account['compartment_ocid']} --region eu-frankfurt-1 --output json",
    ]


def test_nothing_else_in_the_file_changes(folder: Path, oci: Answers):
    oci()
    change(folder, "oke-prod", "    cluster:\n", "    cluster: # in the region that customers are in\n")
    before = (folder / "Pulumi.oke-prod.yaml").read_text().splitlines()

    pin("oke-prod", folder)

    after = (folder / "Pulumi.oke-prod.yaml").read_text().splitlines()
    assert len(after) == len(before)
    changed = [line.strip().partition(":")[0] for line, old in zip(after, before, strict=True) if line != old]
    assert changed == ["availability_domains", "image_ocid"]


def test_a_second_run_changes_nothing(folder: Path, oci: Answers):
    oci()
    pin("oke-prod", folder)
    before = (folder / "Pulumi.oke-prod.yaml").read_bytes()

    assert pin("oke-prod", folder).changed is False
    assert (folder / "Pulumi.oke-prod.yaml").read_bytes() == before


def test_a_small_stack_stays_in_one_domain(folder: Path, oci: Answers):
    oci()

    pin("oke-dev", folder)

    assert settings(folder, "oke-dev")["cluster"]["availability_domains"] == [f"{PREFIX}-1"]


@pytest.mark.parametrize(
    ("known", "pinned", "spread", "chosen"),
    [
        (["a", "b", "c"], ["c"], False, ["c"]),
        (["a", "b", "c"], ["c"], True, ["a", "b", "c"]),
        (["a", "b", "c"], ["c", "a"], True, ["c", "a"]),
        (["a", "b", "c"], ["elsewhere"], False, ["a"]),
        (["a"], ["a"], True, ["a"]),
    ],
)
def test_a_choice_of_domains_that_is_possible_stays(
    known: list[str], pinned: list[str], spread: bool, chosen: list[str]
):
    assert choose_domains(known, pinned, spread=spread) == chosen


def test_an_image_has_the_processors_of_the_pools(folder: Path, oci: Answers):
    oci()
    change(folder, "oke-dev", "VM.Standard.E4.Flex", "VM.Standard.A1.Flex")

    assert pin("oke-dev", folder).image == "ocid1.image.oc1.eu-frankfurt-1.arm"


def test_of_two_images_of_a_day_the_later_build_is_newer(folder: Path, oci: Answers):
    oci(options_out=options(image("Oracle-Linux-8.10-2026.09.30-1-OKE-1.35.2-1499", "later")))

    assert pin("oke-dev", folder).image == "ocid1.image.oc1.eu-frankfurt-1.later"


def test_one_image_does_not_serve_pools_of_different_processors(folder: Path, oci: Answers):
    oci()
    path = folder / "Pulumi.oke-staging.yaml"
    path.write_text(path.read_text().replace("VM.Standard.E4.Flex", "VM.Standard.A1.Flex", 1))

    with pytest.raises(StackFileError, match="system on Arm and the others not: one image serves every pool"):
        pin("oke-staging", folder)


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (
            {"options_out": options(shapes=["VM.Standard.E4.Flex"])},
            r"apps\.shape: VM\.Standard\.E5\.Flex is not offered",
        ),
        (
            {"options_out": options(**{"kubernetes-versions": ["v1.36.4"]})},
            r"OKE does not offer v1\.35\.2 in eu-frankfurt-1, but v1\.36\.4",
        ),
        ({"options_out": options(sources=[])}, r"OKE has no x86_64 image for Kubernetes v1\.35\.2 in eu-frankfurt-1"),
        ({"options_out": options(image("Oracle-Linux-8", kind="VOLUME"), sources=[])}, "no x86_64 image"),
        ({"domains_out": ""}, "the region has no availability domain"),
        ({"domains_out": "Query returned no results"}, "`oci iam availability-domain list` did not answer in JSON"),
        (
            {"domains_out": '{"data": "x"}'},
            r"domain list` answers in a form that is not known: data: Input should be a valid list",
        ),
        (
            {"domains_out": '{"data": [{"id": 1}]}'},
            r"form that is not known: data\.0\.name: Field required; is the OCI CLI",
        ),
        (
            {"options_out": options(shapes="VM")},
            r"get` answers in a form that is not known: data\.shapes: Input should",
        ),
        ({"options_out": options(sources=[{"source-type": "IMAGE"}])}, "no x86_64 image"),
        (
            {"options_out": options(sources=[{**image(OLDEST), "image-id": None}])},
            "no x86_64 image",
        ),
        ({"options_out": "{}"}, "`oci ce node-pool-options get` did not answer in JSON with the key data"),
        (
            {
                "domains_rc": "1",
                "domains_out": "",
                "domains_err": 'ServiceError:\n{\n  "code": "NotAuthenticated",\n  "message": "It was not provided.",\n'
                '  "status": 401\n}\n',
            },
            r"list` failed: NotAuthenticated: It was not provided\. Log in with `oci session authenticate`",
        ),
        (
            {
                "domains_rc": "1",
                "domains_out": "",
                "domains_err": "ERROR: Could not find config file at /x\nDo you want",
            },
            r"failed: ERROR: Could not find config file at /x\. Log in with",
        ),
        ({"options_rc": "2", "options_err": "Usage: oci ce\n\nError: No such command"}, "get` failed: Usage: oci ce"),
        ({"options_rc": "1", "options_err": ""}, "get` failed: it says nothing"),
    ],
)
def test_what_cannot_be_pinned_is_told_in_one_message_and_nothing_is_written(
    folder: Path, oci: Answers, answer: dict[str, str], problem: str
):
    oci(**answer)
    before = (folder / "Pulumi.oke-prod.yaml").read_bytes()

    with pytest.raises(StackFileError, match=problem):
        pin("oke-prod", folder)

    assert (folder / "Pulumi.oke-prod.yaml").read_bytes() == before


def test_without_a_command_line_it_says_where_to_get_one(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(StackFileError, match="`oci` is not on PATH: https://docs"):
        pin("oke-prod", folder)


def test_a_command_line_that_cannot_be_run_is_one_message(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "oci").write_text("no program")
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(StackFileError, match="`oci` cannot be run: Permission denied"):
        pin("oke-prod", folder)


def test_a_file_that_cannot_be_written_is_one_message(folder: Path, oci: Answers):
    oci()
    (folder / "Pulumi.oke-prod.draft").mkdir()

    with pytest.raises(StackFileError, match=r"oke-prod\.draft: Is a directory; .*oke-prod\.yaml was left as it was"):
        pin("oke-prod", folder)


def test_a_stack_on_another_cloud_pins_nothing(folder: Path):
    with pytest.raises(StackFileError, match="cloud: gke; only OKE stacks pin domains and an image"):
        pin("gke-prod", folder)


def test_a_file_that_is_wrong_elsewhere_is_told_before_anything_is_asked(folder: Path, oci: Answers):
    place = oci()
    change(folder, "oke-prod", "        mode: private", "        mode: closed")

    with pytest.raises(StackFileError, match=r"cluster\.api_access\.mode"):
        pin("oke-prod", folder)

    assert not (place / "asked").exists()


def test_what_is_pinned_may_be_missing_or_made_up_before(folder: Path, oci: Answers):
    oci()
    change(folder, "oke-dev", '["EXMP:EU-FRANKFURT-1-AD-1"]', "[somewhere]")
    change(folder, "oke-dev", "ocid1.image.oc1.eu-frankfurt-1.aaaaaaaaexamplegroundworkimage", "unknown")

    assert pin("oke-dev", folder).image == NEWEST


def test_the_command_says_what_to_do_and_exits_with_1(capsys: pytest.CaptureFixture[str]):
    assert main(["oke-nowhere"]) == 1
    assert "there is no stack file" in capsys.readouterr().err
    assert main([]) == 2
    assert capsys.readouterr().err == "usage: make pin STACK=<stack>, for example oke-prod\n"


def test_the_command_tells_what_it_pinned(
    folder: Path, oci: Answers, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    oci()
    monkeypatch.chdir(folder.parent)

    assert [main(["oke-dev"]), main(["oke-dev"])] == [0, 0]

    first, _, pinned, again, *_ = capsys.readouterr().out.splitlines()
    assert (first, again) == ("stacks/Pulumi.oke-dev.yaml now pins", "stacks/Pulumi.oke-dev.yaml already pins")
    assert pinned == f"  cluster.image_ocid: {NEWEST} (Oracle-Linux-8.10-2026.09.30-0-OKE-1.35.2-1499)"
