"""What a release would be refused for, found before anything is changed.

Helm renders it as it would install it, and the API server is asked about each object. What is not there yet because
the same program brings it first is no refusal: a namespace, a definition, the cluster itself.
"""

import json
from pathlib import Path
from typing import Any

from rehearsal.providers.errors import CloudError
from rehearsal.providers.kubernetes_api.api import Api, Endpoint
from rehearsal.providers.kubernetes_api.connection import connect
from rehearsal.providers.kubernetes_api.refusals import NoMatchError, Refusal, UnreachableError
from rehearsal.providers.kubernetes_api.releases.helm import Helm, HelmError
from rehearsal.providers.kubernetes_api.releases.release_inputs import install_flags, overlaid, upgrade_flags
from rehearsal.providers.kubernetes_api.releases.rendered import objects
from rehearsal.providers.kubernetes_api.settings import settings_of
from rehearsal.providers.provider import Operation
from rehearsal.providers.wire import Properties, plain

_YET_TO_COME = ("Kubernetes cluster unreachable", "invalid ownership metadata")
_NO_KIND = "no matches for kind"
_DRY = {"dryRun": "All", "fieldManager": "helm"}
_UNREAD = frozenset({"CustomResourceDefinition"})
_REFUSED = (400, 403, 422)
_PASSING = ("because it is being terminated", "exceeded quota", "failed calling webhook")


class ReleasePreview:
    """Tries releases on a cluster without changing it."""

    def __init__(self, helm: Helm, configuration: Properties) -> None:
        self._helm = helm
        self._settings = settings_of(configuration)

    def check(self, operation: Operation, chart: Path) -> None:
        """Raises `CloudError` with what the schema, a template or the API server has against it."""
        inputs = plain(operation.inputs)
        try:
            api = Api(connect(self._settings))
            api.version()
            rendered = self._rendered(operation, inputs, chart)
        except UnreachableError:
            return
        except HelmError as error:
            if any(words in str(error) for words in _YET_TO_COME):
                return
            raise
        refused = [
            said
            for manifest, hook in rendered
            for item in objects(manifest, but=_UNREAD)
            if (said := self._refusal(api, item, inputs["namespace"], hook=hook))
        ]
        if refused:
            raise CloudError("; ".join(refused))

    def _rendered(self, operation: Operation, inputs: Properties, chart: Path) -> list[tuple[str, bool]]:
        """Manifests, each with whether it is a hook's."""
        values = inputs.get("values") or {}
        where = [inputs["name"], str(chart), "-n", inputs["namespace"]]
        command, flags = ("upgrade", upgrade_flags(inputs)) if operation.id else ("install", install_flags(inputs))
        try:
            told = json.loads(
                self._helm.run([command, *where, *flags, "--dry-run=server", "-o", "json"], values=values)
            )
        except HelmError as error:
            if _NO_KIND not in str(error):
                raise
            upgrade = ["--is-upgrade"] if operation.id else []
            return [(self._helm.run(["template", *where, *upgrade, "--no-hooks"], values=values), False)]
        hooks = [hook for hook in told.get("hooks") or [] if hook.get("events") != ["test"]]
        return [(told["manifest"], False), *((hook["manifest"], True) for hook in hooks)]

    def _refusal(self, api: Api, item: Properties, namespace: str, *, hook: bool) -> str:
        """Why the API server would not take an object; empty where it would, or where that cannot be known yet."""
        try:
            endpoint = api.of(item)
            metadata = dict(item.get("metadata") or {})
            if endpoint.namespaced:
                metadata.setdefault("namespace", namespace)
            _try(api, endpoint, {**item, "metadata": metadata}, hook=hook)
        except (NoMatchError, UnreachableError):
            return ""
        except Refusal as error:
            told = str(error)
            return told if error.status in _REFUSED and not any(words in told for words in _PASSING) else ""
        return ""


def _try(api: Api, endpoint: Endpoint, item: dict[str, Any], *, hook: bool) -> None:
    metadata = item["metadata"]
    try:
        there = api.get(endpoint, metadata.get("namespace"), metadata["name"])
    except Refusal as error:
        if error.status != 404:
            raise
        api.create(endpoint, item, _DRY)
        return
    if not hook:
        api.replace(endpoint, overlaid(there, item), _DRY)
