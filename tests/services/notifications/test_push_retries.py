"""A push that fails: sent again later, or never again when its token or message is rejected."""

import pytest

from chalicelib.domain.notifications.push_delivery import PushState
from chalicelib.tables import devices as device_rows
from chalicelib.world import CredentialsRejected, InvalidMessage, OutcomeUnknown, Unavailable
from tests.services.notifications.push_reader import Reader


def test_a_rejected_token_is_removed_and_other_devices_get_the_push(reader: Reader) -> None:
    reader.register("unregistered-1", "b", "mismatch-1").notify().deliver()
    assert reader.pushed == ["b"]
    assert {device.fcm_token for device in device_rows.of_user(reader.user)} == {None, "b"}
    assert not reader.waiting
    reader.notify().deliver()
    assert reader.pushed == ["b", "b"]


@pytest.mark.parametrize("fails", [Unavailable("fcm"), OutcomeUnknown("fcm")])
def test_a_failing_push_service_is_tried_again_after_a_backoff(reader: Reader, fails: Exception) -> None:
    reader.register("a").notify()
    reader.network.fake_world.push.fails = fails
    with pytest.raises(type(fails)):
        reader.deliver()
    assert reader.log() == {"a": (PushState.WAITING, 1)}
    reader.network.fake_world.push.fails = None
    with pytest.raises(Unavailable):
        reader.deliver()
    assert reader.pushed == []
    reader.network.fake_world.clock.advance(seconds=31)
    reader.deliver()
    reader.deliver()
    assert reader.pushed == ["a"]
    assert not reader.waiting


def test_only_failed_devices_are_retried(reader: Reader) -> None:
    reader.register("a", "quota-1", "z").notify()
    with pytest.raises(Unavailable):
        reader.deliver()
    assert reader.pushed == ["a", "z"]
    assert reader.log()["quota-1"] == (PushState.WAITING, 1)
    reader.network.fake_world.clock.advance(seconds=31)
    with pytest.raises(Unavailable):
        reader.deliver()
    assert reader.pushed == ["a", "z"]
    assert reader.waiting
    assert reader.log()["quota-1"] == (PushState.WAITING, 2)


def test_rejected_credentials_of_one_platform_delay_no_other(
    reader: Reader, capsys: pytest.CaptureFixture[str]
) -> None:
    reader.register("apns-1", "z").notify()
    with pytest.raises(Unavailable):
        reader.deliver()
    assert reader.pushed == ["z"]
    assert '"push_credentials_rejected":1' in capsys.readouterr().out


def test_an_invalid_message_is_dropped_and_removes_no_token(
    reader: Reader, capsys: pytest.CaptureFixture[str]
) -> None:
    reader.register("a").notify()
    reader.network.fake_world.push.fails = InvalidMessage("INVALID_ARGUMENT")
    reader.deliver()
    assert '"push_message_invalid":1' in capsys.readouterr().out
    assert [device.fcm_token for device in device_rows.of_user(reader.user)] == ["a"]
    assert not reader.waiting


def test_the_push_service_rests_as_long_as_it_asks_for(reader: Reader) -> None:
    reader.network.fake_world.push.fails = Unavailable("fcm", 300)
    reader.register("a").notify()
    with pytest.raises(Unavailable):
        reader.deliver()
    reader.network.fake_world.push.fails = None
    reader.network.fake_world.clock.advance(seconds=299)
    with pytest.raises(Unavailable):
        reader.deliver()
    reader.network.fake_world.clock.advance(seconds=2)
    reader.deliver()
    assert reader.pushed == ["a"]


def test_a_configuration_reason_of_apple_is_alarmed_and_keeps_the_token(
    reader: Reader, capsys: pytest.CaptureFixture[str]
) -> None:
    reader.network.fake_world.push.fails = CredentialsRejected("apns DeviceTokenNotForTopic")
    reader.register("a").notify()
    with pytest.raises(Unavailable):
        reader.deliver()
    assert '"reason":"apns DeviceTokenNotForTopic"' in capsys.readouterr().out
    reader.network.fake_world.push.fails = None
    reader.deliver()
    assert reader.pushed == ["a"]
