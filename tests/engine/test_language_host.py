"""Programs and policy packs on the real engine, through our language host."""

import os
import signal
import subprocess
import time
from pathlib import Path

from tests.engine.conftest import Throwaway

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
import pathlib, time

pathlib.Path(".").joinpath("program.pid").write_text(str(__import__("os").getpid()))
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
    stack = throwaway(WAITING)
    stack.places.home.mkdir()
    written = stack.places.clone / "program.pid"
    run = subprocess.Popen(
        stack.command("preview"),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    program = _pid(written)

    run.send_signal(signal.SIGINT)
    output, _ = run.communicate()

    assert run.returncode != 0
    assert "Traceback" not in output
    assert not _runs(program)
    assert _session(run.pid) == []


def test_the_program_ends_when_the_engine_is_killed(throwaway: Throwaway):
    stack = throwaway(WAITING)
    stack.places.home.mkdir()
    run = subprocess.Popen(
        stack.command("preview"), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    program = _pid(stack.places.clone / "program.pid")

    (engine,) = _children(run.pid)
    os.kill(engine, signal.SIGKILL)
    run.wait()

    _wait_until_gone(program)


def _pid(file: Path) -> int:
    while not (file.is_file() and file.read_text()):
        time.sleep(0.05)
    return int(file.read_text())


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def _wait_until_gone(pid: int) -> None:
    while _runs(pid):
        time.sleep(0.05)


def _children(pid: int) -> list[int]:
    found = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False)
    return [int(line) for line in found.stdout.split()]


def _session(pid: int) -> list[int]:
    found = subprocess.run(["ps", "-o", "pid=", "-s", str(pid)], capture_output=True, text=True, check=False)
    return [int(line) for line in found.stdout.split()]
