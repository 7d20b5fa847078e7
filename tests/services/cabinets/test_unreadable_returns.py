"""Returns of power banks whose number the cabinet could not read."""

import json
from io import StringIO

import pytest

from chalicelib.domain.alarms import Alarm
from chalicelib.domain.rental import RentalState
from infra.local import cabinet_frames as frames
from infra.local.cabinet_frames import SlotContent
from tests.builders import LABIM
from tests.network import Network

FAILED = 0x00


def facts(log_output: StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in log_output.getvalue().splitlines()]


@pytest.mark.parametrize("number", [str(0xFFFF_FFFF), None])
def test_an_accepted_return_without_a_number_raises_an_alarm(
    network: Network, log_output: StringIO, number: str | None
) -> None:
    rental = network.rented(network.customer())
    network.report_frame(LABIM, frames.returned(SlotContent(8, number, 40)))
    alarms = [fact for fact in facts(log_output) if fact["fact"] == Alarm.RETURN_UNREADABLE.value]
    assert [(alarm["sn"], alarm["slot_number"]) for alarm in alarms] == [(LABIM.sn, 8)]
    assert "return_refused" not in {fact["fact"] for fact in facts(log_output)}
    assert network.rental(rental).state is RentalState.ACTIVE


def test_a_refused_return_without_a_number_raises_no_alarm(network: Network, log_output: StringIO) -> None:
    network.report_frame(LABIM, frames.returned(SlotContent(8, None, 40), FAILED))
    names = {fact["fact"] for fact in facts(log_output)}
    assert "return_refused" in names
    assert Alarm.RETURN_UNREADABLE.value not in names
