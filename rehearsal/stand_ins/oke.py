"""Stands in for the OCI command line, as far as kubeconfigs of OKE call it.

Source: github.com/oracle/oci-cli, services/container_engine (generate-token, its flags and its answer of version
v1beta1); click, which it is made with (messages, exit code 2).
"""

import sys
from collections.abc import Mapping, Sequence

from rehearsal.stand_ins.exec_credential import V1BETA1, RefusalError, answer, asked_version, cluster_token
from rehearsal.stand_ins.flags import parse

_COMMAND = ["ce", "cluster", "generate-token"]
_VALUES = ("auth", "cluster-id", "config-file", "expiration", "profile", "region")
_SWITCHES = ("debug", "help")


def main(arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    """Hands out the token of one cluster.

    The real command signs a request without asking anybody: a cluster that is not there, or is in another region, gets
    a token all the same, which no API server takes. So here, with a word about why.
    """
    try:
        flags, rest = parse(arguments, _VALUES, _SWITCHES)
        _check(flags, rest, environment)
        cluster, region = flags["cluster-id"], flags.get("region", "")
        token = cluster_token(environment, cluster, region)
    except RefusalError as error:
        print(f"Usage: oci ce cluster generate-token [OPTIONS]\n\nError: {_as_click(error)}", file=sys.stderr)
        return 2
    if token is None:
        place = f" in {region}" if region else ""
        print(f"No API server will take this token: there is no cluster {cluster}{place}.", file=sys.stderr)
    print(answer(V1BETA1, token or "signed-for-no-cluster"))
    return 0


def _check(flags: Mapping[str, str], rest: Sequence[str], environment: Mapping[str, str]) -> None:
    if list(rest) != _COMMAND:
        wrong = next((given for given, known in zip(rest, _COMMAND, strict=False) if given != known), " ".join(rest))
        raise RefusalError(f'No such command "{wrong}".')
    if "cluster-id" not in flags:
        raise RefusalError("Missing option(s) --cluster-id.")
    if not flags["cluster-id"].strip():
        raise RefusalError("Parameter --cluster-id cannot be whitespace or empty string")
    asked_version(environment)


def _as_click(error: RefusalError) -> str:
    words = str(error)
    unknown = words.removeprefix("unknown flag: ")
    return words if unknown == words else f"no such option: {unknown}"
