"""The page about network policies shows what is declared."""

from tests.reachability.table import PAGE, declared, page, rows


def test_the_page_shows_every_connection_that_is_declared():
    text = PAGE.read_text(encoding="utf-8")

    assert text == page(text, "".join(rows(declared())))
