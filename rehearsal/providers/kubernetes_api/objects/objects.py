"""Objects of one cluster: previewed, created, changed, read and deleted through its API server.

Source of what is done when: pulumi-kubernetes provider/pkg/await/await.go and provider/pkg/provider/provider.go, v4.32.
Unlike there, fields that the API does not know are refused everywhere: the server would leave them out in silence, and
the next server-side apply would be the first to say so.
"""

from rehearsal.providers.errors import CloudError, InitializationError
from rehearsal.providers.kubernetes.kinds import kind_of
from rehearsal.providers.kubernetes.objects import previewed_object
from rehearsal.providers.kubernetes.wait_for import ANNOTATION as WAIT_FOR
from rehearsal.providers.kubernetes_api.api import Api, Endpoint
from rehearsal.providers.kubernetes_api.objects import field_managers
from rehearsal.providers.kubernetes_api.objects.awaiting import NotReadyError, until_gone, until_ready
from rehearsal.providers.kubernetes_api.objects.live_inputs import imported_inputs, live_inputs
from rehearsal.providers.kubernetes_api.objects.manifests import (
    annotated,
    annotation,
    complete,
    is_patch,
    manifest,
    promised,
    state,
)
from rehearsal.providers.kubernetes_api.objects.writes import DEFINITION, Writes, place
from rehearsal.providers.kubernetes_api.refusals import NoMatchError, Refusal, without_secrets
from rehearsal.providers.kubernetes_api.settings import Settings, patience
from rehearsal.providers.provider import GONE, Created, Found, Operation
from rehearsal.providers.wire import Properties

_UNSKIPPED_DELETES = frozenset(
    {"Namespace", "Pod", "ReplicationController", "DaemonSet", "Deployment", "StatefulSet", "Job"}
)
"""Kinds whose deletion is not awaited either where their readiness is not. Source: metadata/overrides.go."""


class Objects:
    """The objects that one provider's settings lead to."""

    def __init__(self, api: Api, settings: Settings) -> None:
        self._api = api
        self._settings = settings
        self._writes = Writes(api, settings)

    def preview(self, operation: Operation) -> Properties:
        """What a create or an update may promise; raises what the API server would refuse.

        Tolerated is what may come with the same update (a kind, a namespace), what only an update may do (403: an
        admission that counts or looks others up), and an object that is there already, as the update may replace it.
        """
        kind = kind_of(operation.type)
        pending = previewed_object(kind, operation.inputs, operation.old_outputs)
        if not complete(operation.inputs) or is_patch(operation.type, operation.inputs):
            return pending
        sent = self._writes.manifest(operation)
        try:
            endpoint = self._api.of(sent)
            live = self._live(endpoint, operation) if operation.id else None
            answer = (
                self._writes.written(endpoint, sent, operation, live)
                if live
                else self._writes.tried(endpoint, sent, operation)
            )
        except NoMatchError:
            return pending
        except Refusal as error:
            if error.namespace_missing or error.forbidden or error.already_exists:
                return pending
            raise self._writes.told(operation, error) from error
        return promised(answer, operation.inputs, operation.old_outputs)

    def create(self, operation: Operation) -> Created:
        sent = self._writes.manifest(operation)
        endpoint, live = self._writes.created(sent, operation)
        if sent["kind"] == DEFINITION:
            self._api.forget()
        identity = _identity(live)
        try:
            live = self._awaited(endpoint, live, operation)
        except NotReadyError as error:
            raise self._unready(identity, operation, error) from error
        return Created(identity, self._state(live, operation))

    def update(self, operation: Operation) -> Properties:
        sent = self._writes.manifest(operation)
        endpoint = self._api.of(sent)
        try:
            live = self._live(endpoint, operation)
        except Refusal as error:
            raise CloudError(f'update of resource "{operation.urn}" failed: {error}') from error
        try:
            live = self._writes.written(endpoint, sent, operation, live)
            live = self._awaited(endpoint, live, operation)
        except NotReadyError as error:
            raise self._unready(operation.id, operation, error) from error
        except Refusal as error:
            # The change is refused, the object is there: the state keeps what is live, and the next update tries again.
            why = without_secrets(str(error), operation.inputs)
            reason = f'the Kubernetes API server reported that "{operation.id}" failed to fully initialize: {why}'
            raise InitializationError(operation.id, self._state(live, operation), [reason]) from error
        return self._state(live, operation)

    def read(self, operation: Operation) -> Found:
        kind = kind_of(operation.type)
        sent = manifest(kind, operation.old_inputs, None)
        try:
            live = self._live(self._api.of(sent), operation)
        except NoMatchError:
            return GONE
        except Refusal as error:
            if error.not_found:
                return GONE
            raise
        found = live_inputs(operation.old_inputs, live) if operation.old_inputs else imported_inputs(live)
        manager = field_managers.field_manager(operation, server_side=self._settings.server_side_apply)
        return Found(operation.id, found, state(live, found, manager))

    def delete(self, operation: Operation) -> None:
        kind = kind_of(operation.type)
        inputs = operation.old_inputs or operation.old_outputs
        sent = manifest(kind, inputs, None)
        try:
            endpoint = self._api.of(sent)
            namespace, name = place(operation.id)
            live = self._api.get(endpoint, namespace, name)
            if is_patch(operation.type, inputs):
                self._writes.let_go(endpoint, live, operation)
                return
            self._api.delete(endpoint, namespace, name, _propagation(inputs))
        except NoMatchError:
            return
        except Refusal as error:
            if error.not_found:
                return
            raise
        if sent["kind"] == DEFINITION:
            self._api.forget()
        if annotated(inputs, "pulumi.com/skipAwait") and kind.name in _UNSKIPPED_DELETES:
            return
        seconds = patience(operation.timeout, annotation(inputs, "pulumi.com/timeoutSeconds"))
        until_gone(self._api, endpoint, namespace, name, live["metadata"]["uid"], seconds)

    def _awaited(self, endpoint: Endpoint, live: Properties, operation: Operation) -> Properties:
        if annotated(operation.inputs, "pulumi.com/skipAwait") or is_patch(operation.type, operation.inputs):
            return live
        seconds = patience(operation.timeout, annotation(operation.inputs, "pulumi.com/timeoutSeconds"))
        return until_ready(self._api, endpoint, live, seconds, annotation(operation.inputs, WAIT_FOR))

    def _live(self, endpoint: Endpoint, operation: Operation) -> Properties:
        namespace, name = place(operation.id)
        return self._api.get(endpoint, namespace or self._writes.namespace_of(endpoint, {}), name)

    def _state(self, live: Properties, operation: Operation) -> Properties:
        return state(live, operation.inputs, self._writes.manager(operation))

    def _unready(self, identity: str, operation: Operation, error: NotReadyError) -> InitializationError:
        what = (
            f'resource "{operation.urn}" was successfully created, but the Kubernetes API server reported that it '
            f"failed to fully initialize or become live: {error}"
        )
        return InitializationError(identity, self._state(error.live, operation), [what, *error.reasons])


def _identity(live: Properties) -> str:
    metadata = live["metadata"]
    return f"{metadata['namespace']}/{metadata['name']}" if metadata.get("namespace") else metadata["name"]


def _propagation(inputs: Properties) -> str:
    asked = (annotation(inputs, "pulumi.com/deletionPropagationPolicy") or "").lower()
    return {"orphan": "Orphan", "background": "Background"}.get(asked, "Foreground")
