"""Programs and policy packs on the real engine, through our language host."""

import os
import signal
import subprocess
import time

from rehearsal.places import CLONE
from tests.engine.conftest import Throwaway
from tests.engine.processes import still_running, tree

FAILING = """
import pulumi

def explode():
    raise ValueError("the reason")

explode()
"""

POLICIES = """
from pulumi_policy import EnforcementLevel, PolicyPack, ResourceValidationPolicy

def validate(args, report):
    if args.name == "bad":
        report("bad is a bad name")

PolicyPack(
    name="names",
    enforcement_level=EnforcementLevel.MANDATORY,
    policies=[ResourceValidationPolicy(name="names", description="Names are good.", validate=validate)],
)
"""

WAITING = """
import os, pathlib, time

pathlib.Path("program.pid").write_text(str(os.getpid()))
time.sleep(600)
"""


def test_outputs_reach_the_engine(throwaway: Throwaway):
    stack = throwaway("import pulumi\npulumi.export('answer', {'value': 42})")

    result = stack.up()

    assert result.exit_code == 0, result.stdout + result.stderr
    assert stack.outputs() == {"answer": {"value": 42}}


def test_the_program_sees_project_stack_organization_and_whether_it_is_a_preview(throwaway: Throwaway):
    stack = throwaway(
        "import pulumi\n"
        "seen = [pulumi.get_project(), pulumi.get_stack(), pulumi.get_organization(), pulumi.runtime.is_dry_run()]\n"
        "pulumi.info(str(seen))"
    )

    assert stack.preview().diagnostics("info") == ["['throwaway', 'dev', 'organization', True]\n"]


def test_configuration_reaches_the_program(throwaway: Throwaway):
    stack = throwaway(
        "import pulumi\npulumi.export('shape', pulumi.Config('groundwork').require_object('stack'))",
        {"groundwork:stack": {"zones": ["a", "b"], "nodes": {"max": 3}}},
    )

    stack.up()

    assert stack.outputs() == {"shape": {"zones": ["a", "b"], "nodes": {"max": 3}}}


def test_secret_configuration_is_replaced_and_stays_secret(throwaway: Throwaway):
    stack = throwaway(
        "import pulumi\n"
        "secret = pulumi.Config().require_secret('token')\n"
        "pulumi.export('token', secret)\n"
        "pulumi.export('length', pulumi.Output.unsecret(secret.apply(len)))",
        {"throwaway:token": {"secure": "AAABAEpassphrase-of-somebody-else"}},
    )

    result = stack.up()

    assert result.exit_code == 0, result.stdout + result.stderr
    assert stack.outputs() == {"token": "[secret]", "length": len("rehearsal-secret-throwaway:token")}
    assert "rehearsal-secret-throwaway:token" not in result.stdout + str(result.events) + str(stack.export())


def test_what_the_program_prints_is_shown(throwaway: Throwaway):
    result = throwaway("print('hello from the program')").preview()

    assert result.stdout.count("hello from the program") >= 1


def test_a_program_error_shows_its_traceback_once(throwaway: Throwaway):
    stack = throwaway(FAILING)

    result = stack.preview()

    main = stack.places.clone / "__main__.py"
    (message,) = result.diagnostics("error")
    assert message.strip().splitlines() == [
        "Program failed with an unhandled exception:",
        "Traceback (most recent call last):",
        f'  File "{main}", line 7, in <module>',
        "    explode()",
        f'  File "{main}", line 5, in explode',
        '    raise ValueError("the reason")',
        "ValueError: the reason",
    ]


def test_a_program_error_fails_the_run(throwaway: Throwaway):
    assert throwaway(FAILING).preview().exit_code == 1


def test_a_run_error_shows_its_message_alone(throwaway: Throwaway):
    result = throwaway("import pulumi\nraise pulumi.RunError('set the account first')").preview()

    assert "set the account first" in result.diagnostics("error")[0]
    assert "Traceback" not in result.stdout


def test_a_program_that_exits_fails_with_its_exit_code(throwaway: Throwaway):
    result = throwaway("import sys\nsys.exit(7)").preview()

    assert result.exit_code != 0
    assert "program exited with non-zero exit code: 7" in result.stdout + result.stderr


def test_a_clone_without_a_program_says_so(throwaway: Throwaway):
    stack = throwaway("")
    (stack.places.clone / "__main__.py").unlink()

    result = stack.preview()

    assert (
        f"unable to find main python program `__main__.py` in `{stack.places.clone}`" in result.diagnostics("error")[0]
    )


def test_a_policy_pack_runs_and_stops_what_it_refuses(throwaway: Throwaway):
    stack = throwaway(
        "import pulumi\nfor name in ('bad', 'good'):\n    pulumi.ComponentResource('test:index:Thing', name)",
        files={"policies/PulumiPolicy.yaml": "runtime: python\n", "policies/__main__.py": POLICIES},
    )

    result = stack.preview()

    assert result.exit_code != 0
    assert [violation.strip() for violation in result.violations()] == ["Names are good.\nbad is a bad name"]


def test_a_policy_pack_that_fails_to_start_says_why(throwaway: Throwaway):
    stack = throwaway("", files={"policies/PulumiPolicy.yaml": "runtime: python\n", "policies/__main__.py": "1 / 0"})

    result = stack.preview()

    assert result.exit_code != 0
    assert "ZeroDivisionError" in result.stdout + result.stderr


def test_a_misspelt_runtime_option_is_one_message(throwaway: Throwaway):
    stack = throwaway("", files={"policies/PulumiPolicy.yaml": "runtime: {name: python, options: {toolchain: pipp}}\n"})

    result = stack.preview()

    assert "unsupported toolchain option: pipp" in result.stdout + result.stderr
    assert "Traceback" not in result.stdout + result.stderr


def test_no_warning_tells_of_our_own_plugins(throwaway: Throwaway):
    result = throwaway("").preview()

    assert result.diagnostics("warning") == []


def test_an_interrupt_ends_the_run_quietly_and_leaves_no_process(throwaway: Throwaway):
    run, program = _waiting(throwaway)
    started = tree(run.pid)

    run.send_signal(signal.SIGINT)
    output, _ = run.communicate()

    assert run.returncode != 0
    assert "Traceback" not in output
    assert program in [process.pid for process in started]
    assert still_running(started) == []


def test_everything_ends_when_the_engine_is_killed(throwaway: Throwaway):
    run, program = _waiting(throwaway)
    started = tree(run.pid)
    (engine,) = [process.pid for process in started if process.parent == run.pid]

    os.kill(engine, signal.SIGKILL)
    run.communicate()

    assert program in [process.pid for process in started]
    while still_running(started):
        time.sleep(0.05)


def test_a_killed_engine_does_not_lock_the_stack(throwaway: Throwaway):
    run, _ = _waiting(throwaway, "up")
    (engine,) = [process.pid for process in tree(run.pid) if process.parent == run.pid]
    os.kill(engine, signal.SIGKILL)
    run.communicate()

    assert throwaway("").up().exit_code == 0


def _waiting(throwaway: Throwaway, command: str = "preview") -> tuple[subprocess.Popen[str], int]:
    """A run whose program never ends, once that has begun; and the program's process."""
    stack = throwaway(WAITING)
    run = subprocess.Popen(
        stack.command(command),
        cwd=CLONE,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    written = stack.places.clone / "program.pid"
    while not (written.is_file() and written.read_text()):
        time.sleep(0.05)
    return run, int(written.read_text())
