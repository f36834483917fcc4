"""The guide lists the alerts that there are."""

from alerts.catalogue import GUIDE, with_catalogue
from tests.unit.alerts.rule_files import every_alert


def test_the_list_in_the_guide_is_the_one_that_the_rules_make():
    guide = GUIDE.read_text(encoding="utf-8")

    assert guide == with_catalogue(guide), "python -m alerts"


def test_every_alert_has_its_row():
    guide = GUIDE.read_text(encoding="utf-8")

    for topic, alert in every_alert():
        name = alert["alert"]
        assert guide.count(f"| [{name}](runbooks/{topic}.md#{name.lower()}) | {alert['labels']['severity']} |") == 1
