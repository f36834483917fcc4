"""Helm releases by the real Helm, with what the kubernetes provider makes of its answers.

Source of every rule: pulumi-kubernetes provider/pkg/provider/helm_release.go.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from rehearsal import places
from rehearsal.providers.diff import Change, Diff, Kind
from rehearsal.providers.errors import CheckFailure, CloudError, InitializationError
from rehearsal.providers.kubernetes_api.refusals import UnreachableError, without_secrets
from rehearsal.providers.kubernetes_api.releases import stand_in_record
from rehearsal.providers.kubernetes_api.releases.chart_sources import Chart, ChartSources
from rehearsal.providers.kubernetes_api.releases.helm import Helm, HelmError
from rehearsal.providers.kubernetes_api.releases.release_inputs import (
    completed,
    install_flags,
    longest,
    uninstall_flags,
    upgrade_flags,
)
from rehearsal.providers.kubernetes_api.releases.release_obstacles import explained
from rehearsal.providers.kubernetes_api.releases.release_outputs import Live, difference, imported, kept, live, promised
from rehearsal.providers.kubernetes_api.releases.release_preview import ReleasePreview
from rehearsal.providers.kubernetes_api.releases.stand_in_record import stand_ins
from rehearsal.providers.kubernetes_api.settings import settings_of
from rehearsal.providers.provider import GONE, Created, Found, Operation
from rehearsal.providers.wire import Properties, has_unknown, plain

_STAND_IN = "__standIn"
"""Among the outputs of a release that came from a stand-in."""
_SOURCE = ("chart", "name", "namespace", "repositoryOpts", "version")
_NOT_FOUND = "release: not found"
_UNREACHABLE = "Kubernetes cluster unreachable: "


class Releases:
    """The releases of the cluster that a provider's settings point at."""

    def __init__(self, configuration: Properties, home: Path | None = None) -> None:
        self._configuration = plain(configuration)
        self._settings = settings_of(self._configuration)
        self._home = home or places.from_environment().home
        self._helm = Helm(self._configuration, self._home)
        self._charts = ChartSources(self._helm, self._home)

    def check(self, operation: Operation) -> tuple[Properties, list[CheckFailure]]:
        """The chart must be there; a release with unknown values is not looked at."""
        inputs = completed(operation, self._configuration.get("namespace") or "default")
        if has_unknown(inputs):
            self._note_source(operation, inputs)
            return inputs, []
        try:
            with self._located(operation, inputs) as chart:
                return {**inputs, "version": chart.version}, []
        except CloudError as error:
            why = without_secrets(str(error), inputs)
            return inputs, [CheckFailure("chart", f"{why}; check the chart name and repository configuration.")]

    def diff(self, operation: Operation) -> Diff:
        """A release of a stand-in is upgraded when its chart can be had, though nothing of it changes its version."""
        found = difference(operation)
        if operation.old_outputs.get(_STAND_IN) and not self._stands_in(operation):
            return replace(found, changes=[*found.changes, Change("chart", Kind.UPDATE)])
        return found

    def pending(self, operation: Operation) -> Properties:
        """Outputs of a release in a preview, rendered against the cluster where that is there.

        The real provider renders nothing in a preview, so here a preview fails that would there be an update that
        fails.
        """
        if not has_unknown(operation.inputs) and not has_unknown(self._configuration):
            with self._told(operation), self._located(operation, operation.inputs) as chart:
                ReleasePreview(self._helm, self._configuration).check(operation, chart.path)
        return promised(operation.inputs)

    def install(self, operation: Operation) -> Created:
        inputs = plain(operation.inputs)
        identity = f"{inputs['namespace']}/{inputs['name']}"
        with self._told(operation), self._reaching("create"):
            before = self._revision(inputs["name"], inputs["namespace"])
            try:
                self._change("install", operation, inputs, inputs["namespace"], install_flags(inputs))
            except HelmError as error:
                failed = self._live(inputs["name"], inputs["namespace"])
                if failed is None or failed.revision <= before:
                    raise
                said = "was created, but failed to initialize completely"
                raise self._incomplete(operation, identity, failed, said, error) from error
            return Created(identity, self._kept(operation, self._there(inputs["name"], inputs["namespace"])))

    def upgrade(self, operation: Operation) -> Properties:
        inputs = plain(operation.inputs)
        name = inputs["name"]
        namespace = plain(operation.old_outputs.get("namespace")) or inputs["namespace"]
        with self._told(operation), self._reaching("update"):
            before = self._revision(name, namespace)
            try:
                self._change("upgrade", operation, inputs, namespace, upgrade_flags(inputs))
            except HelmError as error:
                # What an atomic one was rolled back to comes after it.
                failed = self._live(name, namespace, revision=before + 1)
                if failed is None:
                    raise
                said = "failed to initialize completely"
                raise self._incomplete(operation, f"{namespace}/{name}", failed, said, error) from error
            return self._kept(operation, self._there(name, namespace))

    def read(self, operation: Operation) -> Found:
        """The release as it is now. What the program asked for stays, so that the next update sees what drifted."""
        name, namespace = _identity(operation)
        live = self._live(name, namespace)
        if live is None:
            return GONE
        inputs = operation.old_inputs or imported(live)
        notes = {key: operation.old_outputs[key] for key in (_STAND_IN,) if key in operation.old_outputs}
        return Found(operation.id or f"{namespace}/{name}", inputs, {**kept(inputs, live), **notes})

    def uninstall(self, operation: Operation) -> None:
        """A release that is gone already is an error, as it is of the real provider."""
        state = plain(operation.old_outputs)
        name, namespace = _identity(operation)
        with self._told(operation):
            self._helm.run(["uninstall", name, "-n", namespace, *uninstall_flags(state)], seconds=longest(state))
        self._note(operation, f"{namespace}/{name}", None)

    def cancel(self) -> None:
        """Ends what Helm is at, which then marks its release as failed or rolls it back."""
        self._helm.cancel()

    def _change(self, command: str, operation: Operation, inputs: Properties, namespace: str, flags: list[str]) -> None:
        values = inputs.get("values") or {}
        with self._located(operation, inputs) as chart:
            if command == "upgrade" and inputs.get("lint") is True:
                self._lint(chart.path, values)
            arguments = [command, inputs["name"], str(chart.path), "-n", namespace, *flags]
            since = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
            try:
                self._helm.run(arguments, values=values, seconds=longest(inputs), interruptible=True)
            except HelmError as error:
                raise HelmError(explained(str(error), self._settings, namespace, since)) from error

    def _lint(self, path: Path, values: Properties) -> None:
        try:
            self._helm.run(["lint", str(path)], values=values, cluster=False)
        except HelmError as error:
            raise CloudError(f"malformed chart or values: \n\t{error}") from error

    def _there(self, name: str, namespace: str) -> Live:
        live = self._live(name, namespace)
        if live is None:
            raise CloudError(_NOT_FOUND)
        return live

    def _live(self, name: str, namespace: str, revision: int = 0) -> Live | None:
        """A release as it is, or was at a revision; None where there is no such one."""
        where = [name, "-n", namespace, "-o", "json", *(["--revision", str(revision)] if revision else [])]
        try:
            return live(self._helm.run(["status", *where]), self._helm.run(["get", "metadata", *where]))
        except HelmError as error:
            if _NOT_FOUND in str(error):
                return None
            raise

    def _revision(self, name: str, namespace: str) -> int:
        """That of a release of this name, 0 where there is none."""
        there = self._live(name, namespace)
        return there.revision if there else 0

    def _kept(self, operation: Operation, there: Live) -> Properties:
        outputs = kept(operation.inputs, there)
        return {**outputs, _STAND_IN: True} if self._stands_in(operation) else outputs

    def _incomplete(
        self, operation: Operation, identity: str, failed: Live, said: str, error: HelmError
    ) -> InitializationError:
        why = without_secrets(str(error), operation.inputs)
        reason = f"failed to become available within allocated timeout. Error: Helm Release {identity}: {why}"
        message = f'Helm release "{identity}" {said}. Use Helm CLI to investigate: {reason}'
        return InitializationError(identity, self._kept(operation, failed), [message])

    @contextmanager
    def _located(self, operation: Operation, inputs: Properties) -> Iterator[Chart]:
        given = plain(inputs)
        with self._charts.located(given) as chart:
            self._note(operation, f"{given['namespace']}/{given['name']}", chart)
            yield chart

    def _note(self, operation: Operation, release: str, chart: Chart | None) -> None:
        """Whether it came from a stand-in; a release that is gone came from none."""
        facts = (chart.name, chart.version, chart.stand_in_for) if chart else ("", "", "")
        stand_in_record.note(self._home, _stack(operation), release, *facts)

    def _note_source(self, operation: Operation, inputs: Properties) -> None:
        """The same, where the values are not known yet but the chart is."""
        known = {key: inputs[key] for key in _SOURCE if key in inputs}
        if not has_unknown(known):
            with suppress(CloudError), self._located(operation, known):
                return

    def _stands_in(self, operation: Operation) -> bool:
        inputs = plain(operation.inputs)
        release = f"{inputs['namespace']}/{inputs['name']}"
        return any(found.release == release for found in stand_ins(self._home, _stack(operation)))

    @contextmanager
    def _told(self, operation: Operation) -> Iterator[None]:
        """Errors without what is secret in the inputs: schemas and templates quote the values that they refuse."""
        try:
            yield
        except InitializationError:
            raise
        except CloudError as error:
            given = operation.inputs or operation.old_outputs
            raise CloudError(without_secrets(str(error), given)) from error

    @contextmanager
    def _reaching(self, verb: str) -> Iterator[None]:
        """Says what could not be done for want of a cluster."""
        try:
            yield
        except UnreachableError as error:
            raise CloudError(f"can't {verb} Helm Release with unreachable cluster: {error}") from error
        except HelmError as error:
            if not str(error).startswith(_UNREACHABLE):
                raise
            why = str(error).removeprefix(_UNREACHABLE)
            raise CloudError(f"can't {verb} Helm Release with unreachable cluster: {why}") from error


def _stack(operation: Operation) -> str:
    return operation.urn.split("::")[0].rpartition(":")[2]


def _identity(operation: Operation) -> tuple[str, str]:
    """Name and namespace, out of the state or, where that has none, out of the id."""
    namespace, _, name = operation.id.rpartition("/")
    state = plain(operation.old_outputs)
    return str(state.get("name") or name), str(state.get("namespace") or namespace or "default")
