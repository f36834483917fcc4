"""The page about the time of an `up`."""

from html.parser import HTMLParser

import pytest

from rehearsal.report import of_plan
from rehearsal.timing.durations import spoken
from rehearsal.timing.graph import reduced
from rehearsal.timing.page import render
from tests.unit.rehearsal.timing.stack_steps import committed_steps, step

VOID = {"meta"}
LOADING = {"script", "link", "img", "iframe", "object", "embed", "video", "audio", "source", "image", "use"}


class Parsed(HTMLParser):
    """The elements of a page; fails where one is not closed."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self._open: list[str] = []
        self.feed(page)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def of(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.fixture(scope="module")
def page() -> str:
    return render(of_plan("gke-prod", committed_steps("gke-prod")))


def test_a_page_loads_nothing(page: str):
    parsed = Parsed(page)

    assert {tag for tag, _attributes in parsed.elements} & LOADING == set()
    assert [one for _tag, one in parsed.elements if {"src", "srcset", "onclick", "onload"} & set(one)] == []
    assert "url(" not in page
    assert "@import" not in page
    assert "default-src 'none'" in str(parsed.of("meta"))


def test_a_page_shows_every_resource_in_the_timeline_and_in_the_graph(page: str):
    steps = committed_steps("gke-prod")
    words = Parsed(page).words

    for one in steps:
        assert words.count(one.name) >= 1, one.name
        told = [word for word in words if word.startswith(f"{one.name}, {one.type}: from ")]
        assert len(told) == 1, one.name


def test_a_page_can_be_read_without_seeing_it(page: str):
    parsed = Parsed(page)

    assert parsed.of("html") == [{"lang": "en"}]
    assert [tag for tag, _attributes in parsed.elements if tag in ("h1", "h2")] == ["h1", *["h2"] * 7]
    assert all(one.get("scope") in ("col", "row", "rowgroup") for one in parsed.of("th"))
    (svg,) = parsed.of("svg")
    assert (svg["role"], svg["aria-labelledby"]) == ("img", "graph-title graph-text")
    assert all(one["tabindex"] == "0" and one["aria-label"] for one in parsed.of("div") if one.get("role") == "region")


def test_a_page_follows_the_readers_choice_of_light_or_dark(page: str):
    assert "color-scheme: light dark" in page
    assert "@media (prefers-color-scheme: dark)" in page


def test_a_page_marks_the_critical_path_in_more_than_colour(page: str):
    steps = committed_steps("gke-prod")
    path = of_plan("gke-prod", steps).schedule.critical_path()
    words = Parsed(page).words

    assert len(path) > 4
    assert sum(word.startswith("◆ ") for word in words if word != "◆ critical path") == len(path)


def test_a_page_tells_the_totals_and_the_budget():
    one = step("one", 60, type="gcp:compute/network:Network")
    two = step("two", 66, type="gcp:compute/network:Network", after=["one"])

    report = of_plan("toy", [one, two], 4)

    assert report.summary == (
        "toy: 2 min 6 s with 4 operations at once; the clouds impose 1 min (ratio 2.10, budget 1.05)"
    )
    assert '2.100, <span class="critical">exceeded</span>' in render(report)


def test_a_page_tells_what_a_smaller_machine_costs():
    houses = [step(f"network-{number}", 22, type="gcp:compute/network:Network") for number in range(9)]

    report = of_plan("toy", houses)

    assert report.by_cores == {2: 44, 4: 22, 8: 22}
    assert "<dt>By default on 2 cores</dt><dd>44 s</dd>" in render(report)


def test_names_cannot_break_a_page():
    steps = [step("<b>&", 5, type="gcp:compute/network:Network")]

    assert "&lt;b&gt;&amp;" in render(of_plan("<i>", steps, 4))
    Parsed(render(of_plan("<i>", steps, 4)))


def test_a_page_about_nothing_is_a_page():
    Parsed(render(of_plan("empty", [], 4)))


def test_waits_that_follow_from_others_are_not_drawn():
    steps = [step("a"), step("b", after=["a"]), step("c", after=["a", "b"])]

    assert reduced(steps) == {"a": set(), "b": {"a"}, "c": {"b"}}


@pytest.mark.parametrize(
    ("seconds", "words"), [(0, "0 s"), (5.25, "5.2 s"), (59, "59 s"), (60, "1 min"), (715, "11 min 55 s")]
)
def test_times_are_told_in_words(seconds: float, words: str):
    assert spoken(seconds) == words
