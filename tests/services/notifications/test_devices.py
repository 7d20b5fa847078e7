"""Devices: ten a user, and a push token with one owner, whoever comes when."""

from dataclasses import replace

import pytest

from chalicelib.domain.device import MOST_DEVICES, Device
from chalicelib.services.notifications import devices
from chalicelib.services.notifications.devices import Told
from chalicelib.tables import devices as rows
from chalicelib.tables.devices import DeviceCountRow, PushTokenRow
from tests.street import Street

PHONE = Told("phone", "token-1", "android", "Galaxy A15", "1.4.0", "14")


def register(street: Street, user: str, told: Told = PHONE) -> Device:
    caller = street.sessions[user].caller(street.world, *devices.keys_of(street.world, user, told))
    return devices.register(street.world, caller, told)


def tokens(user: str) -> dict[str, str | None]:
    return {device.device_id: device.fcm_token for device in rows.of_user(user)}


def owners_are_right() -> bool:
    """Every token's owner has it, every device with a token owns it, and every count is true."""
    owned = {(row.user_id, row.device_id): row.token_key for row in PushTokenRow.scan()}
    held = {
        (device.user_id, device.device_id): device.token_key
        for count in DeviceCountRow.scan()
        for device in rows.of_user(count.user_id)
    }
    assert owned == {where: key for where, key in held.items() if key is not None}
    for count in DeviceCountRow.scan():
        assert count.devices_count == len(rows.of_user(count.user_id)) <= MOST_DEVICES
    return True


def test_a_device_is_known_by_what_it_last_told(street: Street) -> None:
    user = street.customer()
    register(street, user)
    street.scene.clock.pass_(days=1)
    told = register(street, user, replace(PHONE, fcm_token="token-2", app_version=None))
    (kept,) = rows.of_user(user)
    assert replace(kept, version=0) == replace(told, version=0)
    assert (kept.fcm_token, kept.app_version, kept.last_used_at) == ("token-2", None, street.world.now())
    assert owners_are_right()


def test_a_token_that_is_renewed_may_be_anybodys_again(street: Street) -> None:
    user, another = street.customer(), street.customer()
    register(street, user)
    register(street, user, replace(PHONE, fcm_token="token-2"))
    register(street, another, replace(PHONE, fcm_token="token-1"))
    assert (tokens(user), tokens(another)) == ({"phone": "token-2"}, {"phone": "token-1"})
    assert owners_are_right()


def test_a_token_that_comes_from_another_user_moves(street: Street) -> None:
    seller, buyer = street.customer(), street.customer()
    register(street, seller)
    register(street, buyer)
    assert (tokens(seller), tokens(buyer)) == ({"phone": None}, {"phone": "token-1"})
    register(street, seller)
    assert (tokens(seller), tokens(buyer)) == ({"phone": "token-1"}, {"phone": None})
    assert owners_are_right()


def test_a_token_moves_between_two_devices_of_one_user(street: Street) -> None:
    user = street.customer()
    register(street, user)
    register(street, user, replace(PHONE, device_id="restored"))
    assert tokens(user) == {"phone": None, "restored": "token-1"}
    assert owners_are_right()


def test_no_table_but_the_devices_holds_a_token(street: Street) -> None:
    register(street, street.customer(), replace(PHONE, fcm_token="canary-4711"))
    assert all("canary-4711" not in str(row.serialize()) for row in PushTokenRow.scan())


def many(street: Street, user: str, count: int) -> None:
    for number in range(count):
        street.scene.clock.pass_(minutes=1)
        register(street, user, replace(PHONE, device_id=f"d{number}", fcm_token=f"t{number}"))


def test_the_eleventh_pushes_out_the_one_least_lately_used(street: Street) -> None:
    user = street.customer()
    many(street, user, 10)
    street.scene.clock.pass_(minutes=1)
    register(street, user, replace(PHONE, device_id="d0", fcm_token="t0"))
    register(street, user, replace(PHONE, device_id="new", fcm_token="new"))
    assert set(tokens(user)) == {"new", "d0", *(f"d{number}" for number in range(2, 10))}
    assert owners_are_right()


@pytest.mark.parametrize("token", ["t0", "t5"])
def test_the_eleventh_may_bring_the_token_of_another_of_the_ten(street: Street, token: str) -> None:
    user = street.customer()
    many(street, user, 10)
    register(street, user, replace(PHONE, device_id="new", fcm_token=token))
    assert tokens(user)["new"] == token
    assert len(tokens(user)) == 10
    assert owners_are_right()


def test_two_new_devices_at_once_never_make_eleven(street: Street) -> None:
    user = street.customer()
    many(street, user, 9)
    slow = replace(PHONE, device_id="slow", fcm_token="slow")
    caller = street.sessions[user].caller(street.world, *devices.keys_of(street.world, user, slow))
    register(street, user, replace(PHONE, device_id="quick", fcm_token="quick"))
    devices.register(street.world, caller, slow)
    assert len(tokens(user)) == 10
    assert {"slow", "quick"} < set(tokens(user))
    assert owners_are_right()


def test_two_users_with_one_token_at_once_leave_it_with_the_later(street: Street) -> None:
    first, second = street.customer(), street.customer()
    caller = street.sessions[second].caller(street.world, *devices.keys_of(street.world, second, PHONE))
    register(street, first)
    devices.register(street.world, caller, PHONE)
    assert (tokens(first), tokens(second)) == ({"phone": None}, {"phone": "token-1"})
    assert owners_are_right()


def test_a_device_that_is_pushed_out_while_it_registers_is_there_afterwards(street: Street) -> None:
    user = street.customer()
    many(street, user, 10)
    renewed = replace(PHONE, device_id="d0", fcm_token="renewed")
    caller = street.sessions[user].caller(street.world, *devices.keys_of(street.world, user, renewed))
    register(street, user, replace(PHONE, device_id="new", fcm_token="new"))
    devices.register(street.world, caller, renewed)
    assert tokens(user)["d0"] == "renewed"
    assert owners_are_right()


def test_a_refused_token_goes_and_its_device_stays(street: Street) -> None:
    user = street.customer()
    devices.lose_token(street.world, replace(register(street, user), version=1))
    assert tokens(user) == {"phone": None}
    register(street, user)
    assert tokens(user) == {"phone": "token-1"}
    assert owners_are_right()


def test_a_refusal_of_an_old_token_does_not_cost_the_new_one(street: Street) -> None:
    user, another = street.customer(), street.customer()
    old = register(street, user)
    register(street, user, replace(PHONE, fcm_token="token-2"))
    register(street, another)
    devices.lose_token(street.world, old)
    assert (tokens(user), tokens(another)) == ({"phone": "token-2"}, {"phone": "token-1"})
    assert owners_are_right()
