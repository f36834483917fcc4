import json
import subprocess
import sys
from collections.abc import Callable

from components.namespaces import MONITORING
from components.platform.dashboards import RENDERED, Dashboards, DashboardsArgs, folders
from components.platform.grafana import grafana_values
from tests.mock_engine import Deployed, Registration
from tests.unit.components.bare_platform import Prerequisite

CONFIG_MAP = "kubernetes:core/v1:ConfigMap"


def program() -> None:
    Dashboards("dashboards", DashboardsArgs(namespace=Prerequisite("namespace")))


def config_maps(deploy: Callable[..., Deployed]) -> dict[str, Registration]:
    return {one.inputs["metadata"]["name"]: one for one in deploy(program).of_type(CONFIG_MAP)}


def test_every_rendered_dashboard_is_one_config_map(deploy: Callable[..., Deployed]):
    found = config_maps(deploy)

    assert set(found) == {f"dashboard-{path.stem}" for path in RENDERED.glob("*.json")}
    for path in RENDERED.glob("*.json"):
        assert found[f"dashboard-{path.stem}"].inputs["data"] == {path.name: path.read_text(encoding="utf-8")}
        assert json.loads(path.read_text(encoding="utf-8"))["uid"] == path.stem


def test_the_sidecar_finds_each_and_its_folder(deploy: Callable[..., Deployed]):
    values = grafana_values("admin", [], "fast", host="monitoring.acme.example")["sidecar"]["dashboards"]

    for name, one in config_maps(deploy).items():
        metadata = one.inputs["metadata"]
        assert metadata["namespace"] == MONITORING
        # The chart's defaults for `label` and `labelValue`.
        assert metadata["labels"] == {"grafana_dashboard": "1"}
        assert metadata["annotations"] == {values["folderAnnotation"]: folders()[name.removeprefix("dashboard-")]}
    assert values["provider"] == {"foldersFromFilesStructure": True}


def test_grafana_reads_config_maps_of_every_namespace_and_no_secret(deploy: Callable[..., Deployed]):
    deployed = deploy(program)
    role, binding = (
        deployed.only(f"kubernetes:rbac.authorization.k8s.io/v1:{kind}").inputs
        for kind in ("ClusterRole", "ClusterRoleBinding")
    )
    values = grafana_values("admin", [], "fast", host="monitoring.acme.example")

    assert role["rules"] == [{"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get", "list", "watch"]}]
    assert binding["roleRef"]["name"] == role["metadata"]["name"]
    assert binding["subjects"] == [{"kind": "ServiceAccount", "name": "kps-grafana", "namespace": MONITORING}]
    assert values["rbac"] == {"create": False}
    assert [values["sidecar"][kind]["resource"] for kind in ("dashboards", "datasources")] == ["configmap", "configmap"]


def test_a_preview_needs_nothing_that_dashboards_are_built_with():
    imports = "import components.platform.dashboards, sys; print(*sorted(name.split('.')[0] for name in sys.modules))"
    done = subprocess.run([sys.executable, "-c", imports], capture_output=True, text=True, check=True)

    assert not {"dashboards", "grafana_foundation_sdk", "promql_parser"} & set(done.stdout.split())
