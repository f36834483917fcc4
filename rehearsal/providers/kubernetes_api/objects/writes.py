"""How an object gets into the cluster: created, tried in a dry run, applied over what is there, or let go of."""

import time
from typing import Final

from rehearsal.providers.errors import CloudError
from rehearsal.providers.kubernetes.kinds import kind_of
from rehearsal.providers.kubernetes_api.api import Api, Endpoint
from rehearsal.providers.kubernetes_api.objects import field_managers
from rehearsal.providers.kubernetes_api.objects.manifests import is_patch, manifest
from rehearsal.providers.kubernetes_api.refusals import NoMatchError, Refusal, without_secrets
from rehearsal.providers.kubernetes_api.settings import Settings, patience
from rehearsal.providers.provider import Operation
from rehearsal.providers.wire import Properties

DEFINITION: Final = "CustomResourceDefinition"
_PAUSES = (1.0, 2.0, 4.0, 8.0, 16.0)
"""Seconds between the attempts to create an object whose kind or namespace may still be coming."""
_STRICT = {"fieldValidation": "Strict"}
_DRY = {"dryRun": "All"}
_ALREADY_THERE = (
    "\n\nThe resource already exists in the cluster. Use an alias if it was renamed, `pulumi import` to adopt it, or "
    "upsertExistingObjects on the provider to take it over."
)


class Writes:
    """Everything that one provider sends to an API server."""

    def __init__(self, api: Api, settings: Settings) -> None:
        self._api = api
        self._settings = settings

    def namespace_of(self, endpoint: Endpoint, metadata: Properties) -> str | None:
        return (metadata.get("namespace") or self._api.namespace) if endpoint.namespaced else None

    def manifest(self, operation: Operation) -> Properties:
        """What is sent for an object, in the namespace where it goes."""
        sent = manifest(kind_of(operation.type), operation.inputs, None)
        try:
            endpoint = self._api.of(sent)
        except NoMatchError:
            return sent
        if not endpoint.namespaced:
            metadata = {key: value for key, value in sent["metadata"].items() if key != "namespace"}
            return {**sent, "metadata": metadata}
        return {**sent, "metadata": {**sent["metadata"], "namespace": self.namespace_of(endpoint, sent["metadata"])}}

    def manager(self, operation: Operation) -> str:
        return field_managers.field_manager(operation, server_side=self._settings.server_side_apply)

    def _query(self, operation: Operation, *, force: bool) -> dict[str, str]:
        return {**_STRICT, "fieldManager": self.manager(operation), "force": "true" if force else "false"}

    def tried(self, endpoint: Endpoint, sent: Properties, operation: Operation) -> Properties:
        """A dry run of a create. An apply says more than a create: it also knows keys that are there twice.

        Over an object that is there already, which the update may replace, an apply would be another question.
        """
        query = {**_DRY, **_STRICT, "fieldManager": self.manager(operation)}
        if self._settings.server_side_apply and not self._is_there(endpoint, sent):
            return self._api.apply(endpoint, sent, {**query, "force": "true"})
        return self._api.create(endpoint, sent, query)

    def _is_there(self, endpoint: Endpoint, sent: Properties) -> bool:
        metadata = sent["metadata"]
        try:
            self._api.get(endpoint, self.namespace_of(endpoint, metadata), metadata["name"])
        except Refusal as error:
            if error.not_found:
                return False
            raise
        return True

    def created(self, sent: Properties, operation: Operation) -> tuple[Endpoint, Properties]:
        """The new object; tried again for a while where its kind or something that it needs is not there yet."""
        bound = patience(operation.timeout, None)
        waited = 0.0
        for pause in (*_PAUSES, 0.0):
            try:
                endpoint = self._api.of(sent)
                return endpoint, self._put(endpoint, sent, operation)
            except NoMatchError as error:
                if not pause or waited >= bound:
                    raise CloudError(
                        f'creation of resource "{operation.urn}" failed because the Kubernetes API server reported '
                        "that the apiVersion for this resource does not exist. Verify that any required CRDs have "
                        f"been created: {error}"
                    ) from error
            except Refusal as error:
                if not error.not_found or not pause or waited >= bound:
                    raise self.told(operation, error) from error
            time.sleep(min(pause, bound))
            waited += pause
        raise AssertionError("the last attempt returns or raises")

    def _put(self, endpoint: Endpoint, sent: Properties, operation: Operation) -> Properties:
        takes_over = self._settings.upsert or is_patch(operation.type, operation.inputs)
        if self._settings.server_side_apply and takes_over:
            force = field_managers.forces(operation, None, always=self._settings.patch_force)
            return self._api.apply(endpoint, sent, self._query(operation, force=force))
        return self._api.create(endpoint, sent, {**_STRICT, "fieldManager": field_managers.CREATOR})

    def written(self, endpoint: Endpoint, sent: Properties, operation: Operation, live: Properties) -> Properties:
        """An object's new version, or what it would be."""
        dry = _DRY if operation.preview else {}
        if sent["kind"] == DEFINITION:
            # A definition is replaced as a whole, so that versions and fields that are gone go.
            versioned = {**sent["metadata"], "resourceVersion": live["metadata"]["resourceVersion"]}
            query = {"fieldManager": self.manager(operation), **_STRICT, **dry}
            return self._api.replace(endpoint, {**sent, "metadata": versioned}, query)
        # A patch leaves everybody else's fields alone.
        if not operation.preview and not is_patch(operation.type, operation.inputs):
            patch = field_managers.takeover(live, self.manager(operation))
            if patch:
                namespace, name = place(operation.id)
                live = self._api.patch_json(endpoint, namespace, name, patch)
        force = field_managers.forces(operation, live, always=self._settings.patch_force)
        return self._api.apply(endpoint, sent, {**self._query(operation, force=force), **dry})

    def let_go(self, endpoint: Endpoint, live: Properties, operation: Operation) -> None:
        """Gives up the fields that a patch has set; what nobody else manages goes."""
        metadata = {key: live["metadata"][key] for key in ("name", "namespace") if key in live["metadata"]}
        bare = {"apiVersion": live["apiVersion"], "kind": live["kind"], "metadata": metadata}
        self._api.apply(endpoint, bare, {"fieldManager": self.manager(operation), "force": "true"})

    def told(self, operation: Operation, error: Refusal) -> CloudError:
        why = without_secrets(str(error), operation.inputs)
        more = _ALREADY_THERE if error.already_exists else ""
        return CloudError(
            f'resource "{operation.urn}" was not successfully created by the Kubernetes API server: {why}{more}'
        )


def place(identity: str) -> tuple[str | None, str]:
    """Namespace and name of an object, by the id that a state has of it."""
    namespace, _, name = identity.rpartition("/")
    return namespace or None, name
