"""Flags of the commands that the stand-ins stand for."""

from collections.abc import Collection, Sequence

from rehearsal.stand_ins.exec_credential import RefusalError


def parse(
    arguments: Sequence[str],
    values: Collection[str],
    switches: Collection[str] = (),
    short: dict[str, str] | None = None,
) -> tuple[dict[str, str], list[str]]:
    """The flags and what is none, read as Go's pflag and Python's click read them, with pflag's words of refusal."""
    flags: dict[str, str] = {}
    rest: list[str] = []
    waiting = iter(arguments)
    for argument in waiting:
        if not argument.startswith("-") or argument == "-":
            rest.append(argument)
            continue
        name, given, value = argument.partition("=")
        long = (short or {}).get(name, name.removeprefix("--") if name.startswith("--") else "")
        if long in switches:
            flags[long] = value if given else "true"
        elif long not in values:
            raise RefusalError(_unknown(name))
        elif given:
            flags[long] = value
        else:
            following = next(waiting, None)
            if following is None:
                raise RefusalError(f"flag needs an argument: {name}")
            flags[long] = following
    return flags, rest


def _unknown(name: str) -> str:
    if name.startswith("--"):
        return f"unknown flag: {name}"
    return f"unknown shorthand flag: '{name[1:2]}' in {name}"
