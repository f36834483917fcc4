"""What the runner adds to the engine: its own copy of the settings, the guard before a destroy, the remainder after."""

from pathlib import Path

from tests.engine.conftest import Rehearse, Throwaway

THING = "import pulumi\npulumi.ComponentResource('test:index:Thing', 'thing'{options})\n"
PROTECTED = THING.format(options=", opts=pulumi.ResourceOptions(protect=True)")
UNPROTECTED = THING.format(options="")
SECRET = {"throwaway:token": {"secure": "ciphertext"}, "groundwork:stack": {"nested": [{"secure": "ciphertext"}]}}


def _files(folder: Path) -> dict[str, bytes]:
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in sorted(folder.rglob("*"))
        if file.is_file() and file.suffix != ".pyc"
    }


def test_the_clone_stays_as_it_is(throwaway: Throwaway):
    stack = throwaway(UNPROTECTED, SECRET)
    before = _files(stack.places.clone)

    exit_codes = [run().exit_code for run in (stack.preview, stack.up, stack.refresh, stack.destroy)]

    assert exit_codes == [0, 0, 0, 0]
    assert _files(stack.places.clone) == before


def test_this_projects_own_stack_files_stay_as_they_are(rehearse: Rehearse):
    stack = rehearse("local-dev")
    settings = stack.places.clone / "stacks"
    before = {file: (file.read_bytes(), file.stat().st_mtime_ns) for file in settings.glob("Pulumi.*.yaml")}

    stack.preview()

    assert {file: (file.read_bytes(), file.stat().st_mtime_ns) for file in settings.glob("Pulumi.*.yaml")} == before


def test_a_second_up_changes_nothing(throwaway: Throwaway):
    stack = throwaway(UNPROTECTED, SECRET)

    first, second = stack.up(), stack.up()

    assert first.changes() == {"create": 2}
    assert second.changes() == {"same": 2}
    assert second.steps() == []


def test_a_setting_can_be_replaced_for_a_run(throwaway: Throwaway):
    stack = throwaway(
        "import pulumi\npulumi.export('days', pulumi.Config('groundwork').require_object('stack')['days'])"
    )

    stack.with_settings({"days": 30}).up()

    assert stack.outputs() == {"days": 30}


def test_a_changed_stack_file_takes_effect_and_its_secrets_stay_readable(throwaway: Throwaway):
    stack = throwaway("import pulumi\npulumi.export('token', pulumi.Config().require_secret('token'))", SECRET)
    first = stack.up()
    stack.places.stack_file("dev").write_text("config: {'throwaway:token': {secure: other}, 'throwaway:new': 1}\n")

    second = stack.up()

    assert (first.exit_code, second.exit_code) == (0, 0), second.stdout
    assert second.steps() == []


def test_a_missing_secret_is_not_invented(throwaway: Throwaway):
    result = throwaway("import pulumi\npulumi.Config().require_secret('token')").preview()

    assert "Missing required configuration variable 'throwaway:token'" in result.diagnostics("error")[0]


def test_destroy_of_a_protected_stack_is_refused_before_anything_is_touched(throwaway: Throwaway):
    stack = throwaway(PROTECTED + "pulumi.ComponentResource('test:index:Thing', 'free')\n")
    stack.up()
    before = stack.export()

    refused = stack.destroy()

    assert refused.exit_code == 1
    assert refused.events == []
    assert "dev is protected; nothing was destroyed." in refused.stderr
    assert "  thing  test:index:Thing  (protect)" in refused.stderr
    assert stack.export() == before


def test_destroy_goes_ahead_once_protection_is_lifted(throwaway: Throwaway):
    stack = throwaway(PROTECTED)
    stack.up()
    throwaway(UNPROTECTED).up()

    destroyed = stack.destroy()

    assert destroyed.exit_code == 0
    assert stack.recorded() == []


def test_destroy_does_not_need_the_program(throwaway: Throwaway):
    stack = throwaway(UNPROTECTED)
    stack.up()
    (stack.places.clone / "__main__.py").write_text("this is not Python")

    assert stack.destroy().exit_code == 0
