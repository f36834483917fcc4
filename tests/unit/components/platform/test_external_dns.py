"""external-dns's release: in which zone it writes, as whom, and what it deletes."""

from collections.abc import Callable
from typing import Any

import pulumi_random as random
import pytest
from contract_check.check import check_resource

from components.contracts import CERTIFICATES_SOLVER, DNS_WRITER, Dns, WorkloadIdentity
from components.platform.external_dns import ExternalDns, ExternalDnsArgs, host_annotations, owner
from components.releases import ChartSource
from tests.mock_engine import Deployed
from tests.plans import STACKS, committed_plan
from tests.unit.components.bare_platform import Prerequisite

RELEASE = "kubernetes:helm.sh/v3:Release"
CLOUD = {
    "provider": {"name": "oci"},
    "domainFilters": ["acme.example"],
    "extraArgs": {"zone-id-filter": "ocid1.dns-zone.oc1..example"},
    "secretConfiguration": {"enabled": True, "mountPath": "/etc/kubernetes", "data": {"oci.yaml": "{}"}},
}


@pytest.fixture
def release(deploy: Callable[..., Deployed]) -> Any:
    def program() -> None:
        wait = Prerequisite("wait")
        who = WorkloadIdentity(
            service_account=DNS_WRITER,
            annotations={"identity": "writer"},
            pod_labels={"identity": "used"},
            env={"REGION": "north"},
            grants=[random.RandomId("grant", byte_length=1)],
        )
        dns = Dns(
            name_servers=["ns1.acme.example"],
            solver={},
            solver_identity=WorkloadIdentity(service_account=CERTIFICATES_SOLVER),
            external_dns=CLOUD,
            records_identity=who,
        )
        args = ExternalDnsArgs(
            dns=dns, owner="acme", namespace=wait, service_monitors=wait, nodes=[wait], charts=ChartSource()
        )
        ExternalDns("external-dns", args)

    return deploy(program).only(RELEASE)


def test_the_chart_knows_every_value(release: Any):
    assert check_resource(RELEASE, release.inputs) == []


def test_the_cloud_says_which_zone_and_how_it_is_found(release: Any):
    assert {key: release.inputs["values"][key] for key in CLOUD} == CLOUD


def test_its_pod_is_who_may_write_there_and_starts_when_it_may(release: Any):
    values = release.inputs["values"]

    assert values["serviceAccount"] == {"name": "external-dns", "annotations": {"identity": "writer"}}
    assert values["podLabels"] == {"identity": "used"}
    assert values["env"] == [{"name": "REGION", "value": "north"}]
    assert "grant" in {urn.rpartition("::")[2] for urn in release.depends_on}


def test_it_deletes_what_nobody_asks_for_and_what_bears_its_own_name_alone(release: Any):
    values = release.inputs["values"]

    assert (values["policy"], values["registry"], values["txtOwnerId"]) == ("sync", "txt", "acme")


def test_it_reads_services_and_no_definitions_of_its_own(release: Any):
    assert release.inputs["values"]["sources"] == ["service"]
    assert release.inputs["skipCrds"] is True


def test_a_service_is_annotated_with_its_hosts_each_once():
    assert host_annotations(["todo.acme.example", "monitoring.acme.example", "todo.acme.example"]) == {
        "external-dns.alpha.kubernetes.io/hostname": "monitoring.acme.example,todo.acme.example",
        "external-dns.alpha.kubernetes.io/ttl": "300",
    }


def test_a_service_without_hosts_is_not_annotated():
    assert host_annotations([]) == {}


def test_no_two_stacks_write_under_one_name():
    names = {
        one.inputs["values"]["txtOwnerId"]
        for stack in STACKS
        for one in committed_plan(stack).of_type(RELEASE)
        if one.inputs["name"] == "external-dns"
    }

    assert len(names) == len([stack for stack in STACKS if not stack.startswith("local")])
    assert owner("groundwork", {"stack": "gke-dev"}) in names
