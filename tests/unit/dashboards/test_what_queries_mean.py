"""What the less obvious queries answer, by Prometheus' own engine: nothing counts twice, and nothing is left out."""

import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml

from dashboards.capacity import charged, requested, used
from dashboards.catalogue import dashboards
from dashboards.mongodb import LAG
from dashboards.postgresql import since_backup
from signals.expressions import without_variables
from tests.programs import program

Series = Mapping[str, str]
"""Values over time, a minute apart, by the series that has them; as promtool writes both."""


@pytest.fixture
def answer(tmp_path: Path):
    """Asserts what an expression answers after ten minutes."""
    promtool = program("promtool")

    def check(expression: str, series: Series, expected: Mapping[str, float]) -> None:
        asked = {
            "expr": without_variables(expression).replace('=~"x"', '=~".+"'),
            "eval_time": "10m",
            "exp_samples": [{"labels": labels, "value": value} for labels, value in expected.items()],
        }
        given = [{"series": name, "values": values} for name, values in series.items()]
        test = {"interval": "1m", "input_series": given, "promql_expr_test": [asked]}
        path = tmp_path / "test.yaml"
        path.write_text(yaml.safe_dump({"rule_files": [], "tests": [test]}), encoding="utf-8")
        done = subprocess.run([promtool, "test", "rules", str(path)], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr

    return check


def query(uid: str, title: str, legend: str = "") -> str:
    """The query of a panel, by its legend where it has several."""
    (panel,) = (panel for one in dashboards() if one.uid == uid for panel in one.panels if panel.title == title)
    (found,) = (one.expression for one in panel.queries if not legend or one.legend == legend)
    return found


REQUESTS = "kube_pod_container_resource_requests"


def test_a_pod_that_has_ended_asks_for_nothing(answer):
    series = {
        f'{REQUESTS}{{namespace="shop",pod="api",container="app",resource="cpu",node="one"}}': "0.5+0x10",
        f'{REQUESTS}{{namespace="shop",pod="job",container="app",resource="cpu",node="one"}}': "2+0x10",
        'kube_pod_status_phase{namespace="shop",pod="api",phase="Running"}': "1+0x10",
        'kube_pod_status_phase{namespace="shop",pod="job",phase="Running"}': "0+0x10",
        'kube_pod_status_phase{namespace="shop",pod="job",phase="Succeeded"}': "1+0x10",
    }

    answer(requested("cpu", 'namespace="shop"', "namespace"), series, {'{namespace="shop"}': 0.5})


def test_the_series_of_a_whole_pod_do_not_count_beside_those_of_its_containers(answer):
    labels = 'namespace="shop",pod="api",node="one"'
    series = {
        f'container_memory_working_set_bytes{{{labels},container="app"}}': "300+0x10",
        f'container_memory_working_set_bytes{{{labels},container="daprd"}}': "100+0x10",
        f'container_memory_working_set_bytes{{{labels},container=""}}': "410+0x10",
    }

    answer(used("memory", 'namespace="shop"'), series, {"{}": 400})


def test_a_namespace_pays_for_its_requests_or_for_its_use_where_that_is_more(answer):
    gib = 2**30
    asks, uses = (
        metric + '{{namespace="{}",pod="a",container="app",node="one"{}}}'
        for metric in (REQUESTS, "container_memory_working_set_bytes")
    )
    series = {
        asks.format(name, ',resource="memory"'): f"{asked * gib}+0x10"
        for name, asked in (("thrifty", 4), ("greedy", 1))
    } | {
        uses.format(name, ""): f"{taken * gib}+0x10" for name, taken in (("thrifty", 2), ("greedy", 3), ("unasked", 5))
    }
    series |= {
        f'kube_pod_status_phase{{namespace="{name}",pod="a",phase="Running"}}': "1+0x10"
        for name in ("thrifty", "greedy")
    }

    expected = {'{namespace="thrifty"}': 4, '{namespace="greedy"}': 3, '{namespace="unasked"}': 5}
    answer(charged("memory", "namespace"), series, expected)


def test_each_member_compares_what_it_knows_of_the_primary(answer):
    member = 'mongodb_rs_members_optimeDate{namespace="shop",pod="%s",member_idx="%s",member_state="%s"}'
    series = {
        member % ("db-0", "db-0:27017", "PRIMARY"): "1700000060000+0x10",
        member % ("db-0", "db-1:27017", "SECONDARY"): "1700000055000+0x10",
        member % ("db-1", "db-0:27017", "PRIMARY"): "1700000058000+0x10",
        member % ("db-1", "db-1:27017", "SECONDARY"): "1700000055000+0x10",
    }

    answer(LAG, series, {'{member_idx="db-1:27017",namespace="shop"}': 5})


def test_the_age_of_a_backup_is_that_of_the_cluster_whichever_instance_knows_of_it(answer):
    name = "barman_cloud_cloudnative_pg_io_last_available_backup_timestamp"
    series = {
        f'{name}{{namespace="shop",pod="orders-1"}}': "0+0x10",
        f'{name}{{namespace="shop",pod="orders-2"}}': "100+0x10",
    }

    answer(since_backup(), series, {'{cluster="orders",namespace="shop"}': 500})


SENT = 'dapr_runtime_service_invocation_req_sent_total{namespace="shop",app_id="%s",dst_app_id="%s",type="unary"}'
RECEIVED = 'dapr_runtime_service_invocation_req_recv_total{namespace="shop",app_id="%s",src_app_id="%s"}'
ANSWERED = (
    'dapr_runtime_service_invocation_res_recv_total{namespace="shop",app_id="%s",src_app_id="%s",status="%s",'
    'type="unary"}'
)


def test_the_map_has_every_service_at_either_end_of_an_arrow(answer):
    series = {
        SENT % ("web", "api"): "0+60x10",
        RECEIVED % ("api", "web"): "0+60x10",
        SENT % ("api", "outside"): "0+30x10",
    }

    answer(
        query("gw-service-mesh", "Calls between services", "received"),
        series,
        {'{id="api",title="api"}': 1, '{id="web",title="web"}': 0, '{id="outside",title="outside"}': 0},
    )
    answer(
        query("gw-service-mesh", "Calls between services", "sent"),
        series,
        {
            '{id="web to api",source="web",target="api"}': 1,
            '{id="api to outside",source="api",target="outside"}': 0.5,
        },
    )


def test_a_call_without_an_answer_is_not_a_failed_one(answer):
    series = {
        SENT % ("web", "api"): "0+60x10",
        ANSWERED % ("web", "api", "404"): "0+30x10",
        ANSWERED % ("web", "api", "503"): "0+15x10",
        SENT % ("cron", "gone"): "0+60x10",
    }

    answer(query("gw-service-mesh", "Failed calls"), series, {"{}": 0.125})
    answer(query("gw-service-mesh", "Calls without an answer"), series, {'{app_id="web"}': 0.25, '{app_id="cron"}': 1})


def test_a_sidecar_is_without_identity_until_sentry_has_signed_it(answer):
    series = {
        'up{namespace="shop",pod="api",container="daprd"}': "1+0x10",
        'up{namespace="shop",pod="web",container="daprd"}': "1+0x10",
        'dapr_runtime_mtls_init_total{namespace="shop",pod="api",app_id="api"}': "1+0x10",
    }

    answer(query("gw-service-mesh", "Sidecars without identity"), series, {"{}": 1})


ENDPOINT = 'kube_endpointslice_endpoints{namespace="shop",endpointslice="%s",address="%s",ready="%s"}'


def test_addresses_of_a_service_are_counted_once_over_all_its_slices(answer):
    series = {
        ENDPOINT % (of, ip, ready): "1+0x10"
        for of, ip, ready in (
            ("api-x7k2p", "10.0.0.1", "true"),
            ("api-x7k2p", "10.0.0.2", "true"),
            ("api-canary-9zq4d", "10.0.0.3", "true"),
            ("api-x7k2p", "10.0.0.4", "false"),
        )
    }

    expected = {'{namespace="shop",service="api"}': 2, '{namespace="shop",service="api-canary"}': 1}
    answer(query("gw-service-mesh", "Addresses behind each Service", "Ready"), series, expected)


def test_the_report_counts_events_by_what_is_recorded_each_half_minute(answer):
    labels = 'workload="shop",service="api",slo="availability"'
    recorded = {f"slo:requests:rate5m{{{labels}}}": "10+0x10", f"slo:errors:rate5m{{{labels}}}": "0.1+0x10"}

    kept = query("gw-slo", "Report", "Kept")
    answer(kept, recorded, {'{service="api",slo="availability",workload="shop"}': 0.99})


def test_the_fastest_burn_is_the_share_of_bad_events_over_the_share_that_is_allowed(answer):
    labels = 'workload="shop",service="api",slo="availability"'
    series = {
        f"slo:sli_error:ratio_rate1h{{{labels}}}": "0.0144+0x10",
        f"slo:objective:ratio{{{labels}}}": "0.999+0x10",
    }

    answer(f"round({query('gw-slo', 'Fastest burn (1 h)')}, 0.1)", series, {"{}": 14.4})


def test_what_lost_nothing_shows_zero(answer):
    answer(query("gw-platform-health", "Log lines lost"), {"up": "1+0x10"}, {"{}": 0})
    answer(query("gw-platform-health", "Targets down"), {"up": "1+0x10"}, {"{}": 0})
