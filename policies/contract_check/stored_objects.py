"""Rules of config maps, secrets and the metadata of every object, that no type carries.

Source: kubernetes.io/docs/concepts/configuration/secret (types of secrets), the API reference of object metadata.
"""

import base64
import binascii
import json
import re
from collections.abc import Iterator
from typing import Final

from contract_check.findings import Finding
from contract_check.gateway_objects import check_gateway
from contract_check.places import Place

_LARGEST = 1024 * 1024
_NEEDED: Final = {
    "kubernetes.io/tls": (("tls.crt",), ("tls.key",)),
    "kubernetes.io/dockerconfigjson": ((".dockerconfigjson",),),
    "kubernetes.io/dockercfg": ((".dockercfg",),),
    "kubernetes.io/ssh-auth": (("ssh-privatekey",),),
    "kubernetes.io/basic-auth": (("username", "password"),),
}
"""Keys that a secret of a type has to have; of several together, one is enough."""
_JSON = (".dockerconfigjson", ".dockercfg")
_FINALIZERS = ("orphan", "foregroundDeletion", "kubernetes")
_QUALIFIED = re.compile(r"[a-z0-9]([-a-z0-9.]*[a-z0-9])?/[A-Za-z0-9]([-A-Za-z0-9_./]*[A-Za-z0-9])?")


def check_stored(kind: str, top: Place) -> Iterator[Finding]:
    """What is wrong with the metadata of an object, and with what it holds where it holds data."""
    for finalizer in top["metadata.finalizers"].each():
        text = finalizer.text
        if text is not None and text not in _FINALIZERS and not _QUALIFIED.fullmatch(text):
            yield finalizer.wrong(f"{finalizer.shown()}: name is neither a standard finalizer name nor fully qualified")
    if kind == "ConfigMap":
        yield from _config_map(top)
    if kind == "Secret":
        yield from _secret(top)


def _config_map(top: Place) -> Iterator[Finding]:
    plain = dict(top["data"].members())
    for key, given in top["binaryData"].members():
        if key in plain:
            yield given.wrong("duplicate of a key in data")
        yield from _decodes(given)
    yield from _size(top, ("data", "binaryData"))
    yield from check_gateway(top["data"])


def _secret(top: Place) -> Iterator[Finding]:
    for _, given in top["data"].members():
        yield from _decodes(given)
    yield from _size(top, ("data", "stringData"))
    yield from check_gateway(top["stringData"])
    if top["data"].unknown or top["stringData"].unknown:
        return
    keys = {key for part in ("data", "stringData") for key, _ in top[part].members()}
    for alternatives in _NEEDED.get(str(top["type"].value), ()):
        if not keys.intersection(alternatives):
            yield top["type"].wrong(f"a secret of the type {top['type'].value} needs {' or '.join(alternatives)}")
    for key, given in top["stringData"].members():
        if key in _JSON and top["type"].value in _NEEDED and given.text is not None:
            try:
                json.loads(given.text)
            except ValueError:
                yield given.wrong("is no JSON")


def _decodes(given: Place) -> Iterator[Finding]:
    if given.text is not None:
        try:
            base64.b64decode(given.text.replace("\n", ""), validate=True)
        except (binascii.Error, ValueError):
            yield given.wrong("is no base64")


def _size(top: Place, parts: tuple[str, ...]) -> Iterator[Finding]:
    texts = [given.text for part in parts for _, given in top[part].members()]
    size = sum(len(text.encode()) for text in texts if text is not None)
    if size > _LARGEST:
        yield Finding(path=parts[0], problem=f"all data together has {size} bytes, at most {_LARGEST} are allowed")
