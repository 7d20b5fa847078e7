"""Devices: registered by whoever is signed in on them, at most ten a user; a push token has one owner."""

from dataclasses import dataclass, replace
from typing import Any

from chalicelib import log
from chalicelib.domain.device import MOST_DEVICES, Device, DeviceCount, TokenOwner
from chalicelib.services.caller import Caller, again
from chalicelib.tables import accounts, devices
from chalicelib.tables.atomic import Ops, atomic
from chalicelib.tables.dynamodb import fetch
from chalicelib.tables.rows import Key
from chalicelib.world import World


@dataclass(frozen=True)
class Told:
    """What a device says of itself."""

    device_id: str
    fcm_token: str
    device_type: str
    device_name: str | None = None
    app_version: str | None = None
    os_version: str | None = None


def keys_of(world: World, user_id: str, told: Told) -> tuple[Key[Any], ...]:
    """What `register` wants read with the caller: the device, the count, and who has the token."""
    return (
        devices.device_key(user_id, told.device_id),
        devices.count_key(user_id),
        devices.owner_key(_token_key(world, told)),
    )


def register(world: World, caller: Caller, told: Told) -> Device:
    """Take in the device, or what is new of it; `caller` was read with `keys_of`.

    A token that was another device's, whoever's that is, is taken from it in the same write.
    """
    token_key = _token_key(world, told)

    def decide(ops: Ops) -> Device:
        who = again(world, caller, ops)
        known = who.rows[devices.device_key(who.user_id, told.device_id)]
        owner = who.rows[devices.owner_key(token_key)]
        device = Device(
            who.user_id,
            told.device_id,
            told.device_type,
            world.now(),
            told.fcm_token,
            token_key,
            told.device_name,
            told.app_version,
            told.os_version,
            session_id=who.session.session_id,
            version=known.version if known else 0,
        )
        devices.save(ops, device)
        pushed_out = None
        if known is None:
            pushed_out = _make_room(ops, device, who.rows[devices.count_key(who.user_id)])
            # An account that is being deleted at this moment is decided about anew by whoever is second.
            accounts.save(ops, who.account)
        elif known.token_key != token_key:
            devices.disown(ops, known)
        _take_token(ops, device, owner, pushed_out)
        return device

    device = atomic(world, decide)
    log.fact("device_registered", user_id=device.user_id)
    return device


def lose_token(world: World, device: Device) -> None:
    """The push service refuses the token this device was read with: nothing is sent there any more."""
    key = devices.device_key(device.user_id, device.device_id)

    def decide(ops: Ops) -> None:
        found = fetch(key)[key]
        if found is None or found.token_key != device.token_key:
            return
        devices.disown(ops, found)
        devices.save(ops, found.without_token())

    atomic(world, decide)
    log.fact("push_token_removed", user_id=device.user_id)


def _token_key(world: World, told: Told) -> str:
    return world.peppers.digest("push_token", told.fcm_token).hex()


def _make_room(ops: Ops, device: Device, count: DeviceCount | None) -> Device | None:
    """Count the new device in; the one pushed out for it, if any."""
    count = count or DeviceCount(device.user_id)
    if count.devices_count < MOST_DEVICES:
        devices.save_count(ops, replace(count, devices_count=count.devices_count + 1))
        return None
    oldest = min(devices.of_user(device.user_id), key=lambda one: (one.last_used_at, one.device_id))
    devices.remove(ops, oldest)
    if oldest.token_key != device.token_key:
        devices.disown(ops, oldest)
    devices.save_count(ops, count)
    return oldest


def _take_token(ops: Ops, device: Device, owner: TokenOwner | None, pushed_out: Device | None) -> None:
    if owner is not None and owner.is_of(device):
        return
    taken = TokenOwner(str(device.token_key), device.user_id, device.device_id, owner.version if owner else 0)
    devices.own(ops, taken)
    if owner is None or (pushed_out is not None and owner.is_of(pushed_out)):
        return
    key = devices.device_key(owner.user_id, owner.device_id)
    loser = fetch(key)[key]
    if loser is not None and loser.token_key == device.token_key:
        devices.save(ops, loser.without_token())
