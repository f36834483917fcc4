"""Looks up what an OKE stack pins and writes it into the stack file: `python -m stacks.pin oke-prod`.

Availability domains have names of the tenancy's own, and a node image serves one version of Kubernetes: both are asked
of the user's own OCI command line, once, and stay until the command is run again.
"""

import json
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, TypeAdapter

from stacks.oci_command import ask
from stacks.settings import OkeStack, parse
from stacks.stack_file import STACKS, StackFile, StackFileError, read
from stacks.versions import OKE_KUBERNETES

Architecture = Literal["x86_64", "aarch64"]

DOMAINS, IMAGE = "cluster.availability_domains", "cluster.image_ocid"

ARM_SHAPE = re.compile(r"\.A[0-9]+\.")
"""Shapes of Arm processors: `VM.Standard.A1.Flex` and its successors."""

IMAGE_NAME = re.compile(
    r"Oracle-Linux-(?P<system>[0-9]+(\.[0-9]+)*)-(?P<arm>aarch64-)?"
    r"(?P<date>[0-9]{4}\.[0-9]{2}\.[0-9]{2})-(?P<build>[0-9]+)-OKE-(?P<kubernetes>[0-9.]+)-(?P<release>[0-9]+)"
)
"""Names of OKE's images, such as `Oracle-Linux-8.10-aarch64-2025.08.31-0-OKE-1.33.1-1191`. Those for graphics
processors have one more part, and are none of these."""


class Domain(BaseModel):
    """An availability domain, as the command line lists it."""

    name: str


class Options(BaseModel, alias_generator=lambda name: name.replace("_", "-")):
    """What node pools may be made of, as the command line lists it."""

    kubernetes_versions: list[str] | None = None
    shapes: list[str] | None = None
    sources: list[dict[str, Any]] | None = None


@dataclass(frozen=True, kw_only=True)
class Pinned:
    """What was written."""

    path: Path
    domains: Sequence[str]
    image: str
    image_name: str
    """What the image is called."""

    changed: bool
    """Whether the file says something else now."""


@dataclass(frozen=True, kw_only=True)
class Image:
    """A node image of OKE's."""

    ocid: str
    name: str
    kubernetes: str
    architecture: Architecture
    age: tuple[tuple[int, ...], ...]
    """Orders images: by Oracle Linux, by date, by build."""


def pin(stack: str, folder: Path = STACKS) -> Pinned:
    """Asks for availability domains and image, and writes them into the file of `stack`.

    Comments and everything else in the file stay. Raises `StackFileError`, with the file untouched, for a stack that is
    none of OKE, a file that is wrong elsewhere, a command line that does not answer, and settings that nothing fits.
    """
    file = read(stack, folder)
    if file.settings["cloud"] != "oke":
        raise StackFileError(f"{file.path}: cloud: {file.settings['cloud']}; only OKE stacks pin domains and an image")
    file.refuse([problem for problem in file.problems() if not problem.startswith((DOMAINS, IMAGE))])
    before = (list(file.get(DOMAINS) or ()), file.get(IMAGE))
    settings = _parsed(file)
    account = settings.account
    listed = ask(
        *("iam", "availability-domain", "list", "--compartment-id", account.tenancy_ocid),
        region=account.region,
        form=TypeAdapter(list[Domain]),
    )
    options = ask(
        *("ce", "node-pool-options", "get", "--node-pool-option-id", "all"),
        *("--compartment-id", account.compartment_ocid),
        region=account.region,
        form=TypeAdapter(Options),
    )
    domains = choose_domains(sorted(one["name"] for one in listed or ()), before[0], spread=settings.high_availability)
    image = choose_image(settings, options or {})
    file.set(DOMAINS, domains)
    file.set(IMAGE, image.ocid)
    file.refuse(file.problems())
    file.write()
    changed = before != (domains, image.ocid)
    return Pinned(path=file.path, domains=domains, image=image.ocid, image_name=image.name, changed=changed)


def choose_domains(known: Sequence[str], pinned: Sequence[str], *, spread: bool) -> list[str]:
    """All domains of the region where replicas are to be spread, else the first. A choice that is possible stays."""
    if not known:
        raise StackFileError("the region has no availability domain: is account.region subscribed to?")
    if pinned and set(pinned) <= set(known) and not (spread and len(pinned) < min(2, len(known))):
        return list(pinned)
    return list(known) if spread else [known[0]]


def choose_image(settings: OkeStack, options: Mapping[str, Any]) -> Image:
    """The newest image for the version of Kubernetes that clusters have, and for the processors of all pools."""
    region = settings.account.region
    versions: list[str] = options.get("kubernetes-versions") or []
    if OKE_KUBERNETES not in versions:
        raise StackFileError(f"OKE does not offer {OKE_KUBERNETES} in {region}, but {', '.join(versions) or 'nothing'}")
    architecture = _architecture(settings, options.get("shapes") or [])
    sources: list[dict[str, Any]] = options.get("sources") or []
    images = [image for source in sources if (image := read_image(source)) is not None]
    fitting = [
        image for image in images if (image.kubernetes, image.architecture) == (OKE_KUBERNETES[1:], architecture)
    ]
    if not fitting:
        raise StackFileError(f"OKE has no {architecture} image for Kubernetes {OKE_KUBERNETES} in {region}")
    return max(fitting, key=lambda image: image.age)


def read_image(source: Mapping[str, Any]) -> Image | None:
    """What the name of an image says; nothing for one that is not for nodes of ours."""
    match = IMAGE_NAME.fullmatch(str(source.get("source-name")))
    if match is None or source.get("source-type") != "IMAGE" or not isinstance(source.get("image-id"), str):
        return None
    return Image(
        ocid=source["image-id"],
        name=source["source-name"],
        kubernetes=match["kubernetes"],
        architecture="aarch64" if match["arm"] else "x86_64",
        age=tuple(
            tuple(int(part) for part in text.split("."))
            for text in (match["system"], match["date"], match["build"], match["release"])
        ),
    )


def _architecture(settings: OkeStack, offered: Sequence[str]) -> Architecture:
    """The processors of every pool: one image serves them all."""
    pools = settings.cluster.node_pools
    problems = [
        f"cluster.node_pools.{name}.shape: {pool.shape} is not offered in {settings.account.region}"
        for name, pool in pools.items()
        if pool.shape not in offered
    ]
    if problems:
        raise StackFileError("\n".join(problems))
    arm = [name for name, pool in pools.items() if ARM_SHAPE.search(pool.shape)]
    if arm and len(arm) < len(pools):
        raise StackFileError(
            f"cluster.node_pools: {', '.join(arm)} on Arm and the others not: one image serves every pool"
        )
    return "aarch64" if arm else "x86_64"


def _parsed(file: StackFile) -> OkeStack:
    """The settings, with what is about to be pinned made up where it is missing or wrong."""
    values: dict[str, Any] = json.loads(json.dumps({**file.settings}, default=str))
    values["cluster"] |= {
        "availability_domains": [f"XXXX:REGION-1-AD-{number}" for number in (1, 2, 3)],
        "image_ocid": "ocid1.image.oc1.region-1.unknown",
    }
    stack = parse(values)
    assert isinstance(stack, OkeStack)
    return stack


def main(arguments: Sequence[str]) -> int:
    """The command. Exits with 1 and one message where the stack file was left as it was."""
    if len(arguments) != 1:
        print("usage: make pin STACK=<stack>, for example oke-prod", file=sys.stderr)
        return 2
    try:
        pinned = pin(arguments[0])
    except StackFileError as problem:
        print(problem, file=sys.stderr)
        return 1
    print(f"{pinned.path} {'now pins' if pinned.changed else 'already pins'}")
    print(f"  {DOMAINS}: {', '.join(pinned.domains)}")
    print(f"  {IMAGE}: {pinned.image} ({pinned.image_name})")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
