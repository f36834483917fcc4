"""Variables of a dashboard, as Grafana puts them into queries."""

import pytest

from rehearsal.live.variables import Options, Times, VariableError, options, replaced

TIMES = Times(start=1_000.0, end=4_600.0, scrape_interval=30.0)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ('up{namespace=~"$namespace"}', 'up{namespace=~"(logging|todo)"}'),
        ('up{namespace=~"${namespace}"}', 'up{namespace=~"(logging|todo)"}'),
        ('up{namespace=~"${namespace:pipe}"}', 'up{namespace=~"logging|todo"}'),
        ('up{pod=~"$pod"}', r'up{pod=~"a\\.b"}'),
        ('up{cloud=~"|$cloud"}', 'up{cloud=~"|.+"}'),
        ("rate(x[$__rate_interval])", "rate(x[120s])"),
        ("increase(x[$__range])", "increase(x[3600s])"),
        ("sum_over_time(x[$__range]) / $__range_s", "sum_over_time(x[3600s]) / 3600"),
        ('label_replace(x, "a", "$1", "b", "(.*)")', 'label_replace(x, "a", "$1", "b", "(.*)")'),
    ],
)
def test_a_variable_becomes_its_value(query: str, expected: str):
    chosen = {"namespace": ["logging", "todo"], "pod": ["a.b"], "cloud": ".+"}

    assert replaced(query, chosen, TIMES) == expected


def test_a_variable_that_the_dashboard_lacks_is_an_error():
    with pytest.raises(VariableError, match=r"\$cluster is no variable of the dashboard"):
        replaced('up{cluster="$cluster"}', {}, TIMES)


@pytest.mark.parametrize(
    ("seconds", "interval", "rate"), [(3_600, "30s", "120s"), (6 * 3_600, "108s", "138s"), (86_400, "432s", "462s")]
)
def test_the_interval_of_rates_covers_four_scrapes_and_each_point(seconds: float, interval: str, rate: str):
    times = Times(start=0, end=seconds, scrape_interval=30)

    assert times.built_in["__interval"] == interval
    assert times.built_in["__rate_interval"] == rate


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("label_values(namespace)", Options(label="namespace", series="")),
        ('label_values(up{job=~"a,b"}, namespace)', Options(label="namespace", series='up{job=~"a,b"}')),
        ("query_result(count(up))", Options(label=None, series="count(up)")),
    ],
)
def test_the_options_of_a_variable_come_from_its_query(query: str, expected: Options):
    assert options(query) == expected


def test_a_query_that_gives_no_options_is_an_error():
    with pytest.raises(VariableError, match="not a query for a variable's options: metrics"):
        options("metrics")
