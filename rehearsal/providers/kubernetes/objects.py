"""Plain objects: what the API server makes of the inputs of one."""

import base64
import hashlib
import ipaddress
from datetime import UTC, datetime
from typing import Any

from rehearsal.providers.kubernetes.kinds import Kind
from rehearsal.providers.wire import UNKNOWN, Properties, Secret, plain

_SECRET_FIELDS = ("data", "stringData")


def live_object(
    kind: Kind, inputs: Properties, namespace: str, account: str, incarnation: int, created: str
) -> Properties:
    """The object as the cluster holds it."""
    name = plain(inputs)["metadata"]["name"]
    digest = hashlib.sha256(f"{account}|{kind.token}|{namespace}/{name}|{incarnation}".encode()).hexdigest()
    metadata = {
        **(_inside(inputs.get("metadata"))),
        "uid": f"{digest[:8]}-{digest[8:12]}-4{digest[13:16]}-a{digest[17:20]}-{digest[20:32]}",
        "resourceVersion": str(int(digest[:6], 16)),
        "generation": 1,
        "creationTimestamp": created or datetime.now(UTC).isoformat(timespec="seconds"),
    }
    if namespace:
        metadata["namespace"] = namespace
    live = {**inputs, "apiVersion": kind.api_version, "kind": kind.name, "metadata": metadata}
    if kind.name == "Secret" and kind.group == "core":
        live = _secret_object(live)
    if kind.name == "Service" and kind.group == "core":
        live = _service(live, digest)
    return live


def previewed_object(kind: Kind, inputs: Properties, old: Properties) -> Properties:
    """The object in a preview: what only the cluster gives is not known."""
    before = _inside(old.get("metadata"))
    server_side = {
        key: before.get(key, UNKNOWN) for key in ("uid", "resourceVersion", "creationTimestamp", "generation")
    }
    metadata = {**server_side, **_inside(inputs.get("metadata"))}
    live = {"status": old.get("status", UNKNOWN), **inputs, "metadata": metadata}
    return _secret_object(live) if kind.name == "Secret" and kind.group == "core" else live


def guarded(kind: Kind, inputs: Properties) -> Properties:
    """Inputs with what a Secret holds marked as secret, whether the program did so or not."""
    if kind.name != "Secret" or kind.group != "core":
        return inputs
    return {key: _secret(value) if key in _SECRET_FIELDS else value for key, value in inputs.items()}


def _secret_object(live: Properties) -> Properties:
    data = _inside(live.get("data"))
    for key, value in _inside(live.get("stringData")).items():
        text = plain(value)
        data[key] = base64.b64encode(text.encode()).decode() if isinstance(text, str) else UNKNOWN
    given = {key: _secret(live[key]) for key in _SECRET_FIELDS if key in live}
    return {"type": "Opaque", **live, **given, **({"data": Secret(plain(data))} if data else {})}


def _service(live: Properties, digest: str) -> Properties:
    spec = _inside(live.get("spec"))
    spec.setdefault("type", "ClusterIP")
    if spec["type"] != "ExternalName" and "clusterIP" not in spec:
        spec["clusterIP"] = str(ipaddress.ip_address("10.96.0.0") + int(digest, 16) % 2**12)
    address = str(ipaddress.ip_address("34.80.0.0") + int(digest, 16) % 2**20)
    ingress = [{"ip": address}] if spec["type"] == "LoadBalancer" else []
    return {**live, "spec": spec, "status": {"loadBalancer": {"ingress": ingress} if ingress else {}}}


def _secret(value: Any) -> Any:
    return value if isinstance(value, Secret) else Secret(value)


def _inside(value: Any) -> dict[str, Any]:
    content = value.value if isinstance(value, Secret) else value
    return dict(content) if isinstance(content, dict) else {}
