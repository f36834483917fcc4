"""The check of LogQL: its verdicts, and those of Loki's own parser on the same queries."""

import subprocess

import pytest

from components.platform.loki_limits import INDEXED_RESOURCE_ATTRIBUTES
from signals.logql import problems
from signals.logql_labels import STREAM
from tests.programs import program

GOOD = (
    '{app="cart"}',
    '{app="cart", namespace=~"shop|pay", level!="debug", pod!~"cart-.*"}',
    '{app!=""}',
    '({app="cart"})',
    '{app="cart"} |= "error" != "timeout" |~ "5\\\\d\\\\d" !~ `^\\s+$`',
    '{app="cart"} |= "a" or "b" or "c"',
    '{app="cart"} |= ip("10.0.0.0/8")',
    '{app="cart"} |> "<_> error <_>" !> "<_> debug <_>"',
    '{app="cart"} | json',
    '{app="cart"} | json status, took="timings.total[0]" | status >= 500',
    '{app="cart"} | logfmt --strict --keep-empty | duration > 1.5s and size < 20MB or status = 200',
    '{app="cart"} | logfmt method, path="uri" | method = "GET", path =~ "/orders.*"',
    '{app="cart"} | regexp `(?P<method>\\w+) (?P<path>\\S+) (?i)http` | path != "/"',
    '{app="cart"} | pattern "<method> <path> <_>" | method = "GET"',
    '{app="cart"} | unpack | anything = "x"',
    '{app="cart"} | json | (status > 400 or level = "error") and took < -1',
    '{app="cart"} | json | addr = ip("10.0.0.0/8")',
    '{app="cart"} | json | line_format "{{.method}} {{ .path | ToUpper }} {{ if gt .status 399 }}bad{{ end }}"',
    '{app="cart"} | json | label_format who=user, what=`{{ printf "%s-%s" .a .b }}` | who = "x"',
    '{app="cart"} | decolorize | drop level, pod="x" | keep app, level=~"x|y"',
    '{app="cart"} | trace_id = "abc" | request_id != "" | log_type="audit"',
    'rate({app="cart"}[5m])',
    'count_over_time({app="cart"} |= "error" [5m] offset 1h)',
    'count_over_time({app="cart"}[5m] |= "error")',
    'count_over_time(({app="cart"} |= "error")[5m])',
    'bytes_rate({app="cart"}[1h30m])',
    'absent_over_time({app="cart"}[1d])',
    'sum(rate({app="cart"}[5m])) by (app, level)',
    'sum by (app) (rate({app="cart"}[5m]))',
    'avg without (pod) (rate({app="cart"}[5m]))',
    'sum by () (rate({app="cart"}[5m]))',
    'topk(5, sum by (app) (count_over_time({namespace="shop"} | json | status >= 500 [5m])))',
    'topk by (app) (5, rate({app="cart"}[5m]))',
    'sort_desc(sum by (app) (rate({app="cart"}[5m])))',
    'approx_topk(5, rate({app="cart"}[5m]))',
    'quantile_over_time(0.95, {app="cart"} | json | unwrap duration(took) | __error__="" [5m]) by (app)',
    'max_over_time({app="cart"} | json | unwrap bytes(size) [5m])',
    'sum_over_time({app="cart"} | json | unwrap took [5m])',
    'rate({app="cart"} | json | unwrap took [5m])',
    'sum(rate({app="cart", level="error"}[5m])) / sum(rate({app="cart"}[5m])) * 100',
    'sum by (app) (rate({app="cart"}[5m])) > bool 3',
    'sum by (app) (rate({app="a"}[5m])) / on (app) group_left () sum by (app) (rate({app="b"}[5m]))',
    'sum by (app) (rate({app="a"}[5m])) and ignoring (app) sum by (app) (rate({app="b"}[5m]))',
    'rate({app="a"}[5m]) or vector(0)',
    'label_replace(rate({app="a"}[5m]), "service", "$1", "app", "(.*)")',
    '(sum(rate({app="a"}[5m])) + 1) ^ 2 - -3',
    'sum(count_over_time({app="kubernetes-events"} | reason = "BackOff" [5m])) by (name, kind)',
    '{app="cart"} # the cart alone\n |= "error"',
)

BAD = (
    "",
    "cart",
    '{app="cart"',
    "{app=cart}",
    '{app=="cart"}',
    '{app="cart",}',
    '{app="cart" namespace="shop"}',
    "{}",
    '{app=~".*"}',
    '{app=""}',
    '{app!="cart"}',
    '{app=~"cart("}',
    '{app=~"cart(?!x)"}',
    '{app="cart"} |= error',
    '{app="cart"} |= "error',
    '{app="cart"} = "error"',
    '{app="cart"} | ',
    '{app="cart"} | jsonn',
    '{app="cart"} | json | status > ',
    '{app="cart"} | json | status > "500"',
    '{app="cart"} | json | status =~ 500',
    '{app="cart"} | json | status >> 500',
    '{app="cart"} | json | json = "x"',
    '{app="cart"} | logfmt --lenient',
    '{app="cart"} | regexp "no group"',
    '{app="cart"} | regexp "(?P<a>x"',
    '{app="cart"} | pattern "no name"',
    '{app="cart"} | pattern "<a><b>"',
    '{app="cart"} | pattern "<a> <a>"',
    '{app="cart"} | json | label_format a==b',
    '{app="cart"} | json | unwrap took',
    '{app="cart"}[5m]',
    'rate({app="cart"})',
    "rate({app=\"cart\"}['5m'])",
    'rate({app="cart"}[five])',
    'rate({app="cart"}[])',
    'rates({app="cart"}[5m])',
    'rate({app="cart"}[5m]) by (app)',
    'rate(5, {app="cart"}[5m])',
    'sum({app="cart"})',
    'sum(5, rate({app="cart"}[5m]))',
    'sum by app (rate({app="cart"}[5m]))',
    'sum by (app,) (rate({app="cart"}[5m]))',
    'sum(rate({app="cart"}[5m])) by (app',
    'topk(rate({app="cart"}[5m]))',
    'topk(0, rate({app="cart"}[5m]))',
    'topk(1.5, rate({app="cart"}[5m]))',
    'sort(rate({app="cart"}[5m])) by (app)',
    'approx_topk by (app) (5, rate({app="cart"}[5m]))',
    'quantile_over_time({app="cart"} | json | unwrap took [5m])',
    'sum_over_time({app="cart"} | json [5m])',
    'count_over_time({app="cart"} | json | unwrap took [5m])',
    'max_over_time({app="cart"} | json | unwrap seconds(took) [5m])',
    'rate({app="cart"}[5m]) + {app="cart"}',
    'rate({app="cart"}[5m]) and 1',
    'rate({app="cart"}[5m]) +',
    'rate({app="cart"}[5m])) ',
    'label_replace(rate({app="a"}[5m]), "service", "$1", "app")',
    'label_replace(rate({app="a"}[5m]), "service", "$1", "app", "(")',
    "vector(x)",
    '{app="cart"} |= "\\d"',
    'rate({app="cart"}[5m] offset five)',
    "histogram_quantile(0.9, x)",
)

REFUSED_WHEN_ASKED = (
    '{app="cart"} |~ "["',
    '{app="cart"} |> "<name> x"',
    '{app="cart"} | json | label_format a=b, a=c',
    '{app="cart"} | json | line_format "{{ .a"',
    '{app="cart"} | json | line_format "{{ if .a }}x"',
    '{app="cart"} | json | line_format "{{ upcase .a }}"',
    '{app="cart"} | json | label_format b=`{{ .a | shout }}`',
)
"""What the parser lets pass, and a server does not."""


@pytest.mark.parametrize("query", GOOD)
def test_a_query_that_loki_takes_has_no_problem(query: str):
    assert problems(query) == []


@pytest.mark.parametrize("query", [*BAD, *REFUSED_WHEN_ASKED])
def test_a_query_that_is_wrong_has_one_problem(query: str):
    (problem,) = problems(query)

    assert "\n" not in problem


@pytest.mark.parametrize(("query", "right"), [*((one, True) for one in GOOD), *((one, False) for one in BAD)])
def test_lokis_own_parser_is_of_the_same_opinion(query: str, right: bool):
    ended = subprocess.run([program("logcli"), "fmt"], input=query, capture_output=True, text=True, check=False)

    assert (ended.returncode == 0) is right, ended.stderr


@pytest.mark.parametrize("query", REFUSED_WHEN_ASKED)
def test_what_the_parser_lets_pass_is_refused_when_it_is_asked(query: str):
    command = [program("logcli"), "--stdin", "--quiet", "query", query]

    ended = subprocess.run(command, input="a line", capture_output=True, text=True, check=False)

    assert (ended.returncode, ended.stdout) != (0, "")
    assert "a line" not in ended.stdout


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ('{application="cart"}', "no stream has the label application"),
        ('{app="cart", trace_id="abc"}', "no stream has the label trace_id"),
        ('{app="cart"} | status = 500', "no label status: nothing before it sets one"),
        ('{app="cart"} | json took | status = 500', "no label status: nothing before it sets one"),
        ('{app="cart"} | pattern "<a> <_>" | b = "x"', "no label b: nothing before it sets one"),
        ('{app="cart"} | line_format "{{ .method }}"', "no label method: nothing before it sets one"),
        ('{app="cart"} | label_format a=b', "no label b: nothing before it sets one"),
        ('sum by (service) (rate({app="cart"}[5m]))', "no label service: nothing before it sets one"),
        ('max(sum by (app) (rate({app="cart"}[5m]))) by (pod)', "no label pod: nothing before it sets one"),
        ('sum by (app) (rate({app="a"}[5m])) / on (pod) rate({app="b"}[5m])', None),
        ('avg_over_time({app="cart"} | unwrap took [5m])', "no label took: nothing before it sets one"),
    ],
)
def test_labels_that_no_line_has_are_told(query: str, said: str | None):
    assert [one.partition(": namespace")[0].split(": app,")[0] for one in problems(query)] == ([said] if said else [])


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ('{app="cart"} | json | line_format "{{ .a"', "{{ without }}"),
        ('{app="cart"} | json | line_format "{{ if .a }}x"', "a block without {{ end }}"),
        ('{app="cart"} | json | line_format "{{ end }}"', "{{ end }} without a block"),
        ('{app="cart"} | json | line_format "{{ upcase .a }}"', "templates have no function upcase"),
        ('{app="cart"} | json | line_format "{{ }}"', "an empty action"),
        ('{app="cart"} | json | label_format b=`{{ .a | shout }}`', "templates have no function shout"),
    ],
)
def test_templates_are_read_as_well(query: str, said: str):
    (problem,) = problems(query)

    assert problem.endswith(said)


@pytest.mark.parametrize(
    "query",
    [
        '{namespace=~"$namespace", app=~"${service:regex}"} |~ "(?i)$search" | level=~"[[level]]"',
        'sum by (app) (rate({namespace=~"$namespace"}[$__auto]))',
        'sum(count_over_time({app="$app"}[$__range])) / $__range_s',
        '{app="cart"} |= "${__value.raw}" or "costs $5"',
    ],
)
def test_variables_of_grafana_are_known(query: str):
    assert problems(query) == []


def test_a_variable_outside_of_a_string_is_told():
    assert problems('topk($limit, rate({app="cart"}[5m]))') == ["the variable $limit stands outside of a string"]


def test_every_label_that_is_wrong_is_told_at_once():
    assert problems('{job="a", host="b", app="c"} | x="1"') == [
        "no stream has the label job: app, container, level, namespace, pod, service_name are all",
        "no stream has the label host: app, container, level, namespace, pod, service_name are all",
        "no label x: nothing before it sets one",
    ]


def test_labels_of_streams_are_those_that_something_sets():
    assert {name.replace(".", "_") for name in INDEXED_RESOURCE_ATTRIBUTES} | {"level"} == STREAM
