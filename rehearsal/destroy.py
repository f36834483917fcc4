"""Refuses to destroy what is protected, before anything is touched.

The engine looks at protection resource by resource: it deletes what it may and fails at the first it may not, which
leaves half a stack behind.
"""

from collections.abc import Sequence

from rehearsal.state import Recorded

_CHOOSES_OR_ONLY_LOOKS = ("--exclude-protected", "--preview-only", "--target", "-t")


def refusal(stack: str, resources: Sequence[Recorded], flags: Sequence[str]) -> str | None:
    """Why a stack cannot be destroyed and what to do about it; None where it can."""
    if any(flag.split("=", 1)[0] in _CHOOSES_OR_ONLY_LOOKS for flag in flags):
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
