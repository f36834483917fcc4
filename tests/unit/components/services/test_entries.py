"""What a stack says of its workloads, laid over their files."""

from pathlib import Path
from typing import Any

import pulumi
import pytest
import yaml

from components.services.entries import load_entered, notices, overridden
from components.services.workloads import load_workloads
from stacks.problems import SettingsError
from stacks.settings import parse
from stacks.workloads import WorkloadEntry
from tests.plans import Effect, effects, settings_of

DIGEST = f"sha256:{'a' * 64}"
STACK = settings_of("gke-prod")
SHOP: dict[str, Any] = {
    "services": {
        "backend": {
            "image": {"tag": "1.0.0", "digest": f"sha256:{'b' * 64}"},
            "replicas": 3,
            "ports": {"http": 8080},
            "resources": {"cpu": "250m", "memory": "512Mi"},
        },
        "worker": {"image": {"tag": "1.0.0"}},
    }
}
AROUND: dict[str, Any] = {
    "init": [{"name": "wait", "image": {"tag": "1.0.0"}}, {"name": "check"}],
    "jobs": {"report": {"schedule": "0 6 * * *", "image": {"tag": "1.0.0"}}},
    "migrations": {"image": {"digest": DIGEST}},
}


def entry(**services: Any) -> WorkloadEntry:
    return WorkloadEntry.model_validate({"services": services})


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "workloads").mkdir()
    (tmp_path / "workloads" / "shop.yaml").write_text(yaml.safe_dump(SHOP))
    monkeypatch.chdir(tmp_path)


in_the_shop = pytest.mark.usefixtures("shop")


def problems(workloads: Any, **settings: Any) -> list[str]:
    with pytest.raises(SettingsError) as raised:
        load_workloads(parse({**STACK, **settings, "workloads": workloads}))
    return list(raised.value.problems)


def test_what_a_stack_does_not_say_stays_as_the_file_has_it():
    assert overridden(SHOP, entry()) == SHOP
    assert overridden(SHOP, entry(backend={})) == SHOP


def test_a_stack_says_which_build_runs_how_often_and_how_large():
    changed = overridden(SHOP, entry(backend={"image": {"digest": DIGEST}, "replicas": 1, "resources": {"cpu": "1"}}))

    assert changed["services"]["backend"] == {
        **SHOP["services"]["backend"],
        "image": {"digest": DIGEST},
        "replicas": 1,
        "resources": {"cpu": "1", "memory": "512Mi"},
    }
    assert changed["services"]["worker"] == SHOP["services"]["worker"]


def test_a_tag_of_the_stack_is_not_hidden_by_the_files_digest_and_keeps_the_images_name():
    values = {"services": {"backend": {"image": {"repository": "shop/web", "digest": DIGEST}}}}

    changed = overridden(values, entry(backend={"image": {"tag": "2.0.0"}}))

    assert changed["services"]["backend"]["image"] == {"repository": "shop/web", "tag": "2.0.0"}


@in_the_shop
def test_everything_after_sees_the_workload_as_the_stack_has_it():
    stack = parse({**STACK, "workloads": {"shop": {"services": {"worker": {"replicas": 9}}}}})

    assert load_workloads(stack)["shop"].services["worker"].replicas == 9


@in_the_shop
def test_a_service_that_the_file_does_not_have_is_told_with_the_one_that_is_meant():
    assert problems({"shop": {"services": {"backnd": {"replicas": 1}, "zzz": {"replicas": 1}}}}) == [
        'workloads.shop.services.backnd: unknown service of workloads/shop.yaml, did you mean "backend"?',
        "workloads.shop.services.zzz: unknown service of workloads/shop.yaml, known: backend, worker",
    ]


@in_the_shop
def test_images_by_digest_names_every_image_that_is_not():
    told = problems({"shop": {}}, images_by_digest=True)

    assert told == [
        "workloads.shop.services.worker.image.digest: missing; images_by_digest asks for it, and a tag alone says what"
        " runs"
    ]
    assert load_entered("shop", entry(worker={"image": {"digest": DIGEST}}), by_digest=True)


@in_the_shop
def test_so_does_it_with_what_a_service_runs_besides_itself():
    backend = {**SHOP["services"]["backend"], **AROUND}
    Path("workloads/shop.yaml").write_text(yaml.safe_dump({"services": {"backend": backend}}))

    asked = "missing; images_by_digest asks for it, and a tag alone says what runs"
    assert problems(["shop"], images_by_digest=True) == [
        f"workloads/shop.yaml: services.backend.init.0.image.digest: {asked}",
        f"workloads/shop.yaml: services.backend.jobs.report.image.digest: {asked}",
    ]


@in_the_shop
def test_what_only_both_together_get_wrong_is_told_as_such():
    scaled = {"image": {"tag": "1.0.0"}, "autoscaling": {"max": 4, "cpu_percent": 80}}
    Path("workloads/shop.yaml").write_text(yaml.safe_dump({"services": {"backend": scaled}}))

    assert problems({"shop": {"services": {"backend": {"replicas": 3}}}}) == [
        "workloads/shop.yaml, as this stack changes it: services.backend.replicas: autoscaling decides on it; leave one"
        " of the two out"
    ]


@in_the_shop
def test_stand_ins_need_no_digest():
    assert load_entered("shop", WorkloadEntry(stand_in=True), by_digest=True)


@in_the_shop
@pytest.mark.parametrize(
    ("environment", "workloads", "said"),
    [
        (
            "prod",
            ["shop"],
            [
                (
                    pulumi.log.warn,
                    "workloads/shop.yaml: what runs in prod is named by a tag alone, which may be pushed again: worker."
                    " Name digests in the stack file (docs/images.md)",
                )
            ],
        ),
        ("prod", {"shop": {"services": {"worker": {"image": {"digest": DIGEST}}}}}, []),
        ("staging", ["shop"], []),
        (
            "dev",
            {"shop": {"stand_in": True}},
            [(pulumi.log.info, "shop runs stand-ins instead of its own images: backend, worker")],
        ),
    ],
)
def test_a_preview_says_what_runs_by_a_tag_alone_in_prod_and_what_is_a_stand_in(
    environment: str, workloads: Any, said: list[Any]
):
    stack = parse({**STACK, "environment": environment, "workloads": workloads})

    assert list(notices(stack, load_workloads(stack))) == said


@pytest.mark.slow
def test_another_image_of_one_service_updates_its_release_and_nothing_else():
    image = {"todo": {"services": {"backend": {"image": {"digest": DIGEST}}}}}

    assert effects("gke-prod", {"workloads": image}) == {
        "todo-backend-release": Effect("update", "kubernetes:helm.sh/v3:Release")
    }
