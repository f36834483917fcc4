"""The programs that make a control plane, and how each is called."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rehearsal.setup.toolchain import Toolchain

STAGES = Path(__file__).parent / "stages"
"""What becomes of nodes, pods, claims and the like, as kwok is told."""

_ADMISSION = "PodSecurity,ResourceQuota"
_WEBHOOKS = "MutatingAdmissionWebhook,ValidatingAdmissionWebhook"


@dataclass(frozen=True)
class Settings:
    """What the components of one control plane agree on."""

    folder: Path
    port: int
    """Where the API server listens."""
    etcd_ports: tuple[int, int]
    """For clients and for the peers that it has none of."""
    kubeconfig: Path
    """An administrator's."""

    @property
    def service_account_key(self) -> Path:
        return self.folder / "service-account.key"

    @property
    def tokens(self) -> Path:
        return self.folder / "tokens.csv"

    @property
    def authority(self) -> Path:
        return self.folder / "authority.pem"


def commands(settings: Settings, programs: Toolchain) -> Iterator[tuple[str, list[str]]]:
    """The components in the order in which they start, with their command lines."""
    yield "etcd", _etcd(settings, programs)
    yield "kube-apiserver", _api_server(settings, programs)
    yield "kube-controller-manager", _controller_manager(settings, programs)
    yield "kube-scheduler", _scheduler(settings, programs)
    yield "kwok", _kwok(settings, programs)
    yield "kubelet", _kubelet(settings)


def _etcd(settings: Settings, programs: Toolchain) -> list[str]:
    clients, peers = (f"http://127.0.0.1:{port}" for port in settings.etcd_ports)
    return [
        str(programs.etcd),
        f"--data-dir={settings.folder / 'etcd'}",
        "--unsafe-no-fsync",  # a rehearsal that the machine's own crash loses is begun anew
        f"--listen-client-urls={clients}",
        f"--advertise-client-urls={clients}",
        f"--listen-peer-urls={peers}",
        f"--initial-advertise-peer-urls={peers}",
        f"--initial-cluster=default={peers}",
        "--log-level=warn",
    ]


def _api_server(settings: Settings, programs: Toolchain) -> list[str]:
    folder = settings.folder
    return [
        str(programs.kube_apiserver),
        f"--etcd-servers=http://127.0.0.1:{settings.etcd_ports[0]}",
        "--bind-address=127.0.0.1",
        f"--secure-port={settings.port}",
        "--advertise-address=127.0.0.1",
        "--endpoint-reconciler-type=none",
        "--service-cluster-ip-range=10.96.0.0/16",
        f"--tls-cert-file={folder / 'server.pem'}",
        f"--tls-private-key-file={folder / 'server.key'}",
        f"--tls-sni-cert-key={folder / 'public.pem'},{folder / 'public.key'}:localhost",
        f"--token-auth-file={settings.tokens}",
        "--authorization-mode=RBAC",
        f"--enable-admission-plugins={_ADMISSION}",
        # No pod answers: requests would leave the machine for whoever has a Service's address outside.
        f"--disable-admission-plugins={_WEBHOOKS}",
        f"--service-account-key-file={settings.service_account_key}",
        f"--service-account-signing-key-file={settings.service_account_key}",
        "--service-account-issuer=https://kubernetes.default.svc",
        "--allow-privileged=true",
        f"--cert-dir={folder / 'certificates'}",
    ]


def _controller_manager(settings: Settings, programs: Toolchain) -> list[str]:
    return [
        str(programs.kube_controller_manager),
        f"--kubeconfig={settings.kubeconfig}",
        "--leader-elect=false",
        "--secure-port=0",
        f"--service-account-private-key-file={settings.service_account_key}",
        f"--root-ca-file={settings.authority}",
        # A machine under load is no reason to take its nodes for dead.
        "--node-monitor-grace-period=10m",
    ]


def _scheduler(settings: Settings, programs: Toolchain) -> list[str]:
    return [
        str(programs.kube_scheduler),
        f"--kubeconfig={settings.kubeconfig}",
        "--leader-elect=false",
        "--secure-port=0",
    ]


def _kwok(settings: Settings, programs: Toolchain) -> list[str]:
    stages = [f"--config={file}" for file in sorted(STAGES.glob("*.yaml"))]
    return [
        str(programs.kwok),
        f"--kubeconfig={settings.kubeconfig}",
        "--manage-all-nodes=true",
        "--cidr=10.244.0.1/16",
        # A restarted kwok would leave nodes alone until the leases of the one before have run out.
        "--node-lease-duration-seconds=0",
        *stages,
    ]


def _kubelet(settings: Settings) -> list[str]:
    """The clone's own part of the machines, beside kwok. Which cluster it is, a cloud's providers write down."""
    return [
        sys.executable,
        "-m",
        "rehearsal.control_plane.kubelet",
        f"--kubeconfig={settings.kubeconfig}",
        f"--cluster={settings.folder / 'cluster.json'}",
        f"--inventory={settings.folder.parents[1] / 'inventory.sqlite'}",
    ]
