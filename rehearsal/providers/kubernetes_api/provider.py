"""The kubernetes provider of a rehearsal that speaks to a real API server; a kubeconfig is all that it has."""

import logging
import threading
from importlib import import_module
from typing import Any, ClassVar

from rehearsal.providers.diff import Diff
from rehearsal.providers.errors import CheckFailure, CloudError
from rehearsal.providers.kubernetes.configuration import change_of_configuration
from rehearsal.providers.kubernetes.differences import difference
from rehearsal.providers.kubernetes.kinds import RELEASE, kind_of
from rehearsal.providers.kubernetes.naming import named_object
from rehearsal.providers.kubernetes.objects import guarded, previewed_object
from rehearsal.providers.kubernetes_api.api import Api
from rehearsal.providers.kubernetes_api.connection import connect
from rehearsal.providers.kubernetes_api.objects.objects import Objects
from rehearsal.providers.kubernetes_api.refusals import UnreachableError
from rehearsal.providers.kubernetes_api.settings import settings_of
from rehearsal.providers.provider import GONE, Created, Found, Operation, refuse_function
from rehearsal.providers.wire import Properties, plain

_RELEASES = "rehearsal.providers.kubernetes_api.releases.releases"
_FORGETTING = (
    "If the cluster was deleted, you can remove this resource from Pulumi state by rerunning the operation with the "
    'PULUMI_K8S_DELETE_UNREACHABLE environment variable set to "true"'
)


class KubernetesApiProvider:
    """Everything that happens in one cluster."""

    package: ClassVar[str] = "kubernetes"

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.configure({})

    def configure(self, configuration: Properties) -> None:
        self._configuration = plain(configuration)
        self._settings = settings_of(configuration)
        self._found: Objects | None = None
        self._found_releases: Any = None

    def diff_config(self, old: Properties, new: Properties) -> Diff:
        return change_of_configuration(old, new)

    def check(self, operation: Operation) -> tuple[Properties, list[CheckFailure]]:
        if operation.old_inputs and self._settings.skip_update_unreachable and not self._reachable():
            return operation.old_inputs, []
        if operation.type == RELEASE:
            return self._releases().check(operation)
        return guarded(kind_of(operation.type), named_object(operation)), []

    def diff(self, operation: Operation) -> Diff:
        if operation.type == RELEASE:
            return self._releases().diff(operation)
        return difference(operation, self._configuration)

    def create(self, operation: Operation) -> Created:
        if operation.type == RELEASE:
            if operation.preview:
                return Created("", self._releases().pending(operation))
            return self._releases().install(operation)
        if operation.preview:
            return Created("", self._previewed(operation))
        return self._objects().create(operation)

    def read(self, operation: Operation) -> Found:
        try:
            objects = self._objects()
        except CloudError as error:
            if self._settings.delete_unreachable:
                return GONE
            if self._settings.skip_update_unreachable:
                return Found(operation.id, operation.old_inputs, operation.old_outputs)
            raise CloudError(
                f"failed to read resource state due to unreachable cluster ({error}). {_FORGETTING}"
            ) from error
        return self._releases().read(operation) if operation.type == RELEASE else objects.read(operation)

    def update(self, operation: Operation) -> Properties:
        if operation.type == RELEASE:
            releases = self._releases()
            return releases.pending(operation) if operation.preview else releases.upgrade(operation)
        if operation.preview:
            return self._previewed(operation)
        return self._objects().update(operation)

    def delete(self, operation: Operation) -> None:
        try:
            objects = self._objects()
        except CloudError as error:
            if operation.type == RELEASE:
                raise CloudError(f"can't delete Helm Release with unreachable cluster. Reason: {error}") from error
            if self._settings.delete_unreachable:
                return
            raise CloudError(f"{error}. {_FORGETTING}") from error
        if operation.type == RELEASE:
            self._releases().uninstall(operation)
        else:
            objects.delete(operation)

    def cancel(self) -> None:
        with self._lock:
            releases = self._found_releases
        if releases is not None:
            releases.cancel()

    def invoke(self, token: str, arguments: Properties) -> Properties:
        raise refuse_function(self.package, token)

    def _previewed(self, operation: Operation) -> Properties:
        """A cluster that is not there yet lets everything be promised."""
        try:
            objects = self._objects()
        except CloudError:
            return previewed_object(kind_of(operation.type), operation.inputs, operation.old_outputs)
        return objects.preview(operation)

    def _objects(self) -> Objects:
        """The objects of the cluster, once it has answered; asked anew as long as it has not."""
        with self._lock:
            if self._found is None:
                try:
                    api = Api(connect(self._settings))
                    api.version()
                except UnreachableError as error:
                    raise CloudError(f"configured Kubernetes cluster is unreachable: {error}") from error
                self._found = Objects(api, self._settings)
            return self._found

    def _reachable(self) -> bool:
        try:
            self._objects()
        except CloudError:
            return False
        return True

    def _releases(self) -> Any:
        """The part that runs Helm, loaded when there is a release."""
        with self._lock:
            if self._found_releases is None:
                self._found_releases = import_module(_RELEASES).Releases(self._configuration)
            return self._found_releases


def create() -> KubernetesApiProvider:
    # A client that fails to get credentials writes that to standard error, where the error itself goes already.
    logging.getLogger().addHandler(logging.NullHandler())
    return KubernetesApiProvider()
