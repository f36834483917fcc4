"""What the user's own OCI command line answers."""

import json
import subprocess
from typing import Any

from pydantic import TypeAdapter, ValidationError

from stacks.stack_file import StackFileError

TIMEOUT = 120
"""Seconds that the command line may take for an answer."""


def ask(*words: str, region: str, form: TypeAdapter[Any]) -> Any:
    """What the command answers to some words, which is of the form. It prints nothing at all for an empty list.

    Raises `StackFileError` where it does not answer, with what the user can do about it.
    """
    command = ["oci", *words, "--region", region, "--output", "json"]
    shown = " ".join(["oci", *words[:3]])
    try:
        # Without an input: it offers to write a configuration where it has none, and waits for an answer.
        done = subprocess.run(
            command,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=TIMEOUT,
            stdin=subprocess.DEVNULL,
            check=False,
        )
    except FileNotFoundError:
        raise StackFileError(
            "`oci` is not on PATH: https://docs.oracle.com/en-us/iaas/Content/API/SDKDocs/cliinstall.htm"
        ) from None
    except OSError as error:
        raise StackFileError(f"`oci` cannot be run: {error.strerror}") from None
    except subprocess.TimeoutExpired:
        raise StackFileError(f"`{shown}` gave no answer in {TIMEOUT} seconds") from None
    if done.returncode != 0:
        raise StackFileError(f"`{shown}` failed: {_reason(done.stderr)}")
    if not done.stdout.strip():
        return None
    try:
        answer = json.loads(done.stdout)["data"]
    except (ValueError, KeyError, TypeError):
        raise StackFileError(f"`{shown}` did not answer in JSON with the key data") from None
    try:
        form.validate_python(answer)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, ("data", *first["loc"])))
        told = f"`{shown}` answers in a form that is not known: {place}: {first['msg']}; is the OCI CLI up to date?"
        raise StackFileError(told) from None
    return answer


def _reason(stderr: str) -> str:
    """One line of what the command line complains about."""
    _, brace, body = stderr.partition("{")
    try:
        error = json.loads(brace + body)
        reason = f"{error['code']}: {error['message']}"
    except (ValueError, KeyError, TypeError):
        lines = [line.strip() for line in stderr.splitlines() if line.strip()]
        reason = lines[0] if lines else "it says nothing"
    if "NotAuthenticated" in reason or "config file" in reason:
        return f"{reason.rstrip('.')}. Log in with `oci session authenticate`, or run `oci setup config`."
    return reason
