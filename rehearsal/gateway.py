"""`python -m rehearsal.gateway STACK`: the gateway's configuration, as Kong would read it on that stack.

Credentials are replaced by what says which they are. With `--parse`, Kong itself reads the file, where its image can be
run: https://docs.konghq.com/gateway/3.9.x/reference/cli/#kong-config
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from components.platform.addresses import monitoring_host
from components.platform.gateway_config import Gateway, declarative, merged
from components.platform.gateway_credentials import credential_sources
from components.platform.gateway_plugins import PLUGINS
from components.platform.gateway_problems import problems
from components.platform.gateway_secret import FILE
from components.platform.monitoring_host import with_oidc, with_password
from components.services.workloads import applications, load_workloads
from stacks.problems import SettingsError
from stacks.settings import AnyStack, parse
from stacks.stack_file import STACKS, StackFileError, read
from stacks.versions import KONG_IMAGE_TAG

ENGINES: Final = ("docker", "podman")
"""What runs an image, the first that is there."""


def gateway(stack: AnyStack) -> Gateway:
    """Everything that the gateway of a stack does. Raises `SettingsError` for what is wrong with it."""
    asked = applications(stack, load_workloads(stack)).gateway
    host = monitoring_host(stack.domain)
    whole = merged(with_oidc(host) if stack.monitoring.oidc else with_password(host), asked)
    if found := problems(whole):
        raise SettingsError(found, "gateway")
    return whole


def file_of(whole: Gateway) -> str:
    """The file, without a credential in it."""
    places = credential_sources(whole.consumers)
    return json.dumps(declarative(whole, {place: f"credential {place}" for place in places}), indent=1)


def command(engine: str, folder: Path) -> list[str]:
    """What lets Kong read the file in a folder as it would on the cluster: with the same plugins."""
    settings = {"DATABASE": "off", "ROUTER_FLAVOR": "traditional_compatible", "PLUGINS": ",".join(PLUGINS)}
    return [
        engine,
        "run",
        "--rm",
        "--network=none",
        f"--volume={folder}:/kong_dbless:ro,Z",
        *(f"--env=KONG_{name}={value}" for name, value in settings.items()),
        f"docker.io/library/kong:{KONG_IMAGE_TAG}",
        "kong",
        "config",
        "parse",
        f"/kong_dbless/{FILE}",
    ]


def parsed(text: str) -> int:
    """The status with which Kong leaves after it has read the file; 1 where nothing runs its image."""
    engine = next((found for one in ENGINES if (found := shutil.which(one))), None)
    if engine is None:
        print(f"Nothing here runs an image: {' and '.join(ENGINES)} are both missing.", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as folder:
        # Kong is another user inside its image.
        Path(folder).chmod(0o755)
        (Path(folder) / FILE).write_text(text, encoding="utf-8")
        return subprocess.run(command(engine, Path(folder)), check=False).returncode


def main(arguments: Sequence[str], folder: Path = STACKS) -> int:
    """Writes the file to stdout, or has it read; what the user got wrong is one message on stderr."""
    parser = argparse.ArgumentParser(prog="python -m rehearsal.gateway", description="Writes the gateway's file.")
    parser.add_argument("stack")
    parser.add_argument("--parse", action="store_true", help="let Kong read it: needs docker or podman, and the image")
    options = parser.parse_args(arguments)
    try:
        text = file_of(gateway(parse(read(options.stack, folder).settings)))
    except (SettingsError, StackFileError) as error:
        print(error, file=sys.stderr)
        return 1
    if options.parse:
        return parsed(text)
    print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
