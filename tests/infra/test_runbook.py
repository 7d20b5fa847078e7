"""The runbook: made from the declared alarms, and complete."""

import re

from chalicelib.domain.operations.alarm_kinds import ALARM_KINDS, Severity
from chalicelib.domain.operations.alarms import Alarm
from infra import queues
from infra.alarms import API_ALARM
from infra.runbook import runbook
from infra.synthesis import ROOT


def test_the_runbook_in_docs_is_up_to_date() -> None:
    assert (ROOT / "docs" / "runbook.md").read_text() == runbook(), "make runbook"


def test_every_alarm_has_a_meaning_and_an_action() -> None:
    assert set(ALARM_KINDS) == set(Alarm)
    for name, kind in ALARM_KINDS.items():
        assert kind.meaning.endswith("."), name
        assert kind.action.endswith("."), name
        assert kind.severity in Severity, name


def test_every_alarm_has_one_section() -> None:
    headings = re.findall(r"^### `(\w+)`$", runbook(), flags=re.M)
    assert sorted(headings) == sorted([*Alarm, API_ALARM])


def test_every_watched_queue_is_listed() -> None:
    for queue in queues.CONSUMED:
        assert f"`{queues.alarm_name(queues.dead_letter_name(queue))}`" in runbook()


def test_the_example_query_names_a_declared_alarm() -> None:
    (name,) = re.findall(r'fact = "(\w+)"', runbook())
    assert name in set(Alarm)
