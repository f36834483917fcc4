"""A small chart whose releases can be made to fail in several ways, and an engine that releases it."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rehearsal.control_plane.control_plane import ControlPlane
from rehearsal.providers.kubernetes.kinds import RELEASE
from rehearsal.providers.kubernetes_api.provider import KubernetesApiProvider
from rehearsal.providers.kubernetes_api.releases.releases import Releases
from rehearsal.providers.provider import Operation
from tests.real.cluster import Namespace
from tests.unit.rehearsal.providers.fake_engine import Engine, State

TEMPLATES = {
    "deployment": """
apiVersion: apps/v1
kind: Deployment
metadata: {name: {{ .Release.Name }}, labels: {app: {{ .Release.Name }}}}
spec:
  replicas: {{ .Values.replicas }}
  selector: {matchLabels: {app: {{ .Values.selector | default .Release.Name }}}}
  template:
    metadata: {labels: {app: {{ .Values.selector | default .Release.Name }}}}
    spec:
      containers:
        - name: main
          image: registry.test/web:{{ .Values.tag | required "a tag, please" }}
          {{- with .Values.secret }}
          envFrom: [{secretRef: {name: {{ . }}}}]
          {{- end }}
          {{- with .Values.cpu }}
          resources: {requests: {cpu: {{ . }}}}
          {{- end }}
""",
    "settings": """
{{- with .Values.settings }}
apiVersion: v1
kind: Secret
metadata: {name: {{ $.Release.Name }}-settings}
stringData: {{ toJson . }}
{{- end }}
""",
    "hook": """
{{- with .Values.hook }}
apiVersion: batch/v1
kind: Job
metadata: {name: {{ $.Release.Name }}-{{ . }}, annotations: {helm.sh/hook: {{ . }}}}
spec:
  template: {spec: {restartPolicy: Never, containers: [{name: main, image: registry.test/hook}]}}
{{- end }}
""",
    "monitor": """
{{- with .Values.monitor }}
apiVersion: {{ . }}
kind: Monitor
metadata: {name: {{ $.Release.Name }}}
{{- end }}
""",
}
SCHEMA = {"properties": {"replicas": {"type": "integer"}, "token": {"type": "string", "pattern": "^[a-z]+$"}}}


def write_chart(folder: Path, version: str = "1.2.3") -> Path:
    (folder / "templates").mkdir(parents=True, exist_ok=True)
    (folder / "Chart.yaml").write_text(f"apiVersion: v2\nname: web\nversion: {version}\nappVersion: '9'\n")
    (folder / "values.yaml").write_text("replicas: 1\ntag: v1\n")
    (folder / "values.schema.json").write_text(json.dumps(SCHEMA))
    for name, text in TEMPLATES.items():
        (folder / "templates" / f"{name}.yaml").write_text(text)
    return folder


@dataclass(frozen=True)
class Workshop:
    """Releases of the chart in a namespace of the test's own."""

    engine: Engine
    plane: ControlPlane
    namespace: Namespace
    chart: Path
    home: Path

    def inputs(self, **more: Any) -> dict[str, Any]:
        return {"name": "web", "namespace": self.namespace.name, "chart": str(self.chart), "timeout": 60, **more}

    def install(self, **more: Any) -> State:
        return self.engine.create(RELEASE, "web", **self.inputs(**more))

    def upgrade(self, state: State, **more: Any) -> State:
        return self.engine.update(state, **self.inputs(**more))

    def preview(self, **more: Any) -> dict[str, Any]:
        return self.engine.preview(RELEASE, "web", **self.inputs(**more))

    def preview_upgrade(self, state: State, **more: Any) -> State:
        return self.engine.preview_update(state, **self.inputs(**more))

    def changes(self, state: State, **more: Any) -> list[str]:
        return sorted(self.engine.diff(state, **self.inputs(**more)).detailed)

    def releases(self) -> Releases:
        """The part of a provider that runs Helm."""
        return Releases({"kubeconfig": self.plane.kubeconfig.read_text()}, self.home)

    def operation(self, **more: Any) -> Operation:
        return Operation(
            urn=f"urn:pulumi:dev::test::{RELEASE}::web", type=RELEASE, name="web", inputs=self.inputs(**more)
        )

    def revisions(self) -> dict[int, str]:
        """What Helm's own records say became of each revision."""
        records = [item["metadata"]["labels"] for item in self.namespace.list("secrets") if "owner" in _labels(item)]
        return {int(labels["version"]): labels["status"] for labels in records}


def engine_for(plane: ControlPlane) -> Engine:
    return Engine(KubernetesApiProvider(), {"kubeconfig": plane.kubeconfig.read_text()})


def _labels(item: dict[str, Any]) -> dict[str, str]:
    return item["metadata"].get("labels") or {}
