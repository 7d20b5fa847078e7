"""Devices: ten a user, and one owner for a push token under any order of registrations."""

from dataclasses import replace

import pytest

from chalicelib.domain.sessions.device import MAX_DEVICES, Device
from chalicelib.services.notifications import devices
from chalicelib.services.notifications.devices import DeviceInfo
from chalicelib.tables import devices as rows
from chalicelib.tables.devices import DeviceCountRow, PushTokenRow
from tests.world.network import Network

PHONE = DeviceInfo("phone", "token-1", "android", "Galaxy A15", "1.4.0", "14")


def register(network: Network, user: str, info: DeviceInfo = PHONE) -> Device:
    caller = network.sessions[user].caller(network.world, *devices.prefetch_keys(network.world, user, info))
    return devices.register(network.world, caller, info)


def tokens(user: str) -> dict[str, str | None]:
    return {device.device_id: device.fcm_token for device in rows.of_user(user)}


def owners_are_right() -> bool:
    """Every owner of a token has it, every device with a token owns it, and every count is right."""
    owned = {(row.user_id, row.device_id): row.token_key for row in PushTokenRow.scan()}
    held = {
        (device.user_id, device.device_id): device.token_key
        for count in DeviceCountRow.scan()
        for device in rows.of_user(count.user_id)
    }
    assert owned == {where: key for where, key in held.items() if key is not None}
    for count in DeviceCountRow.scan():
        assert count.devices_count == len(rows.of_user(count.user_id)) <= MAX_DEVICES
    return True


def test_a_device_has_the_data_of_its_last_registration(network: Network) -> None:
    user = network.customer()
    register(network, user)
    network.fake_world.clock.advance(days=1)
    device = register(network, user, replace(PHONE, fcm_token="token-2", app_version=None))
    (stored,) = rows.of_user(user)
    assert replace(stored, version=0) == replace(device, version=0)
    assert (stored.fcm_token, stored.app_version, stored.last_used_at) == ("token-2", None, network.world.now())
    assert owners_are_right()


def test_a_replaced_token_can_be_registered_by_any_user(network: Network) -> None:
    user, another = network.customer(), network.customer()
    register(network, user)
    register(network, user, replace(PHONE, fcm_token="token-2"))
    register(network, another, replace(PHONE, fcm_token="token-1"))
    assert (tokens(user), tokens(another)) == ({"phone": "token-2"}, {"phone": "token-1"})
    assert owners_are_right()


def test_a_token_moves_from_one_user_to_another(network: Network) -> None:
    seller, buyer = network.customer(), network.customer()
    register(network, seller)
    register(network, buyer)
    assert (tokens(seller), tokens(buyer)) == ({"phone": None}, {"phone": "token-1"})
    register(network, seller)
    assert (tokens(seller), tokens(buyer)) == ({"phone": "token-1"}, {"phone": None})
    assert owners_are_right()


def test_a_token_moves_between_two_devices_of_one_user(network: Network) -> None:
    user = network.customer()
    register(network, user)
    register(network, user, replace(PHONE, device_id="restored"))
    assert tokens(user) == {"phone": None, "restored": "token-1"}
    assert owners_are_right()


def test_no_table_but_the_devices_holds_a_token(network: Network) -> None:
    register(network, network.customer(), replace(PHONE, fcm_token="canary-4711"))
    assert all("canary-4711" not in str(row.serialize()) for row in PushTokenRow.scan())


def many(network: Network, user: str, count: int) -> None:
    for number in range(count):
        network.fake_world.clock.advance(minutes=1)
        register(network, user, replace(PHONE, device_id=f"d{number}", fcm_token=f"t{number}"))


def test_the_eleventh_device_replaces_the_least_recently_used(network: Network) -> None:
    user = network.customer()
    many(network, user, 10)
    network.fake_world.clock.advance(minutes=1)
    register(network, user, replace(PHONE, device_id="d0", fcm_token="t0"))
    register(network, user, replace(PHONE, device_id="new", fcm_token="new"))
    assert set(tokens(user)) == {"new", "d0", *(f"d{number}" for number in range(2, 10))}
    assert owners_are_right()


@pytest.mark.parametrize("token", ["t0", "t5"])
def test_the_eleventh_device_can_take_the_token_of_another(network: Network, token: str) -> None:
    user = network.customer()
    many(network, user, 10)
    register(network, user, replace(PHONE, device_id="new", fcm_token=token))
    assert tokens(user)["new"] == token
    assert len(tokens(user)) == 10
    assert owners_are_right()


def test_two_concurrent_registrations_stay_within_ten_devices(network: Network) -> None:
    user = network.customer()
    many(network, user, 9)
    slow = replace(PHONE, device_id="slow", fcm_token="slow")
    caller = network.sessions[user].caller(network.world, *devices.prefetch_keys(network.world, user, slow))
    register(network, user, replace(PHONE, device_id="quick", fcm_token="quick"))
    devices.register(network.world, caller, slow)
    assert len(tokens(user)) == 10
    assert {"slow", "quick"} < set(tokens(user))
    assert owners_are_right()


def test_a_concurrent_registration_of_one_token_leaves_one_owner(network: Network) -> None:
    first, second = network.customer(), network.customer()
    caller = network.sessions[second].caller(network.world, *devices.prefetch_keys(network.world, second, PHONE))
    register(network, first)
    devices.register(network.world, caller, PHONE)
    assert (tokens(first), tokens(second)) == ({"phone": None}, {"phone": "token-1"})
    assert owners_are_right()


def test_a_device_replaced_during_its_registration_is_registered(network: Network) -> None:
    user = network.customer()
    many(network, user, 10)
    renewed = replace(PHONE, device_id="d0", fcm_token="renewed")
    caller = network.sessions[user].caller(network.world, *devices.prefetch_keys(network.world, user, renewed))
    register(network, user, replace(PHONE, device_id="new", fcm_token="new"))
    devices.register(network.world, caller, renewed)
    assert tokens(user)["d0"] == "renewed"
    assert owners_are_right()


def test_a_rejected_token_is_removed_and_its_device_stays(network: Network) -> None:
    user = network.customer()
    devices.drop_token(network.world, replace(register(network, user), version=1))
    assert tokens(user) == {"phone": None}
    register(network, user)
    assert tokens(user) == {"phone": "token-1"}
    assert owners_are_right()


def test_a_rejection_of_an_old_token_keeps_the_new_one(network: Network) -> None:
    user, another = network.customer(), network.customer()
    old = register(network, user)
    register(network, user, replace(PHONE, fcm_token="token-2"))
    register(network, another)
    devices.drop_token(network.world, old)
    assert (tokens(user), tokens(another)) == ({"phone": "token-2"}, {"phone": "token-1"})
    assert owners_are_right()
