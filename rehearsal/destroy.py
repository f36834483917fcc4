"""Refuses to destroy what is protected, before anything is touched, and tells what an interrupted destroy left.

The engine looks at protection resource by resource: it deletes what it may and fails at the first it may not, which
leaves half a stack behind. When it is interrupted it ends as if everything had been deleted.
"""

from collections.abc import Sequence

from rehearsal.state import Recorded

_CHOOSES_OR_ONLY_LOOKS = ("--exclude", "-x", "--exclude-protected", "--preview-only", "--target", "-t")
_ROOT = "pulumi:pulumi:Stack"


def refusal(stack: str, resources: Sequence[Recorded], flags: Sequence[str]) -> str | None:
    """Why a stack cannot be destroyed and what to do about it; None where it can."""
    if _chooses_or_only_looks(flags):
        return None
    guarded = [resource for resource in resources if resource.guards]
    if not guarded:
        return None
    lines = [f"  {resource.name}  {resource.type}  ({', '.join(resource.guards)})" for resource in guarded]
    return "\n".join(
        [
            f"{stack} is protected; nothing was destroyed. These resources refuse deletion:",
            *lines,
            f"To lift protection, set `protect: false` under `groundwork:stack` in stacks/Pulumi.{stack}.yaml,",
            f"then run `make up STACK={stack}` and `make destroy STACK={stack}` again.",
        ]
    )


def unfinished(stack: str, remaining: Sequence[Recorded], flags: Sequence[str]) -> str | None:
    """That a destroy ended before everything was deleted, and how to go on; None where all of it is gone."""
    left = [resource for resource in remaining if resource.type != _ROOT]
    if not left or _chooses_or_only_looks(flags):
        return None
    count = "1 resource is" if len(left) == 1 else f"{len(left)} resources are"
    return f"{count} left in {stack}: the destroy did not finish. Run `make destroy STACK={stack}` again to go on."


def _chooses_or_only_looks(flags: Sequence[str]) -> bool:
    return any(flag.split("=", 1)[0] in _CHOOSES_OR_ONLY_LOOKS for flag in flags)
