"""Registers devices, at most ten a user. A push token has one owner."""

from dataclasses import dataclass, replace
from typing import Any

from chalicelib import log
from chalicelib.domain.sessions.device import MAX_DEVICES, Device, DeviceCount, TokenOwner
from chalicelib.services.caller import Caller, fresh_caller
from chalicelib.tables import accounts, devices
from chalicelib.tables.atomic import Transaction, atomic
from chalicelib.tables.dynamodb import fetch_one
from chalicelib.tables.rows import Key
from chalicelib.world import World


@dataclass(frozen=True)
class DeviceInfo:
    """The data of a device in its registration."""

    device_id: str
    fcm_token: str
    device_type: str
    device_name: str | None = None
    app_version: str | None = None
    os_version: str | None = None


def prefetch_keys(world: World, user_id: str, info: DeviceInfo) -> tuple[Key[Any], ...]:
    """The keys of the rows that `register` reads with the caller: the device, the count, and the token's owner."""
    return (
        devices.device_key(user_id, info.device_id),
        devices.count_key(user_id),
        devices.owner_key(_token_key(world, info)),
    )


def register(world: World, caller: Caller, info: DeviceInfo) -> Device:
    """Register a device or update it; `caller` was read with `prefetch_keys`.

    A push token of another device moves to this one in the same transaction.
    """
    token_key = _token_key(world, info)

    def decide(ops: Transaction) -> Device:
        current_caller = fresh_caller(world, caller, ops)
        existing = current_caller.rows[devices.device_key(current_caller.user_id, info.device_id)]
        owner = current_caller.rows[devices.owner_key(token_key)]
        device = Device(
            current_caller.user_id,
            info.device_id,
            info.device_type,
            world.now(),
            info.fcm_token,
            token_key,
            info.device_name,
            info.app_version,
            info.os_version,
            session_id=current_caller.session.session_id,
            version=existing.version if existing else 0,
        )
        devices.save(ops, device)
        evicted = None
        if existing is None:
            evicted = _make_room(ops, device, current_caller.rows[devices.count_key(current_caller.user_id)])
            # Write the account row too, so that this transaction conflicts with a concurrent deletion.
            accounts.save(ops, current_caller.account)
        elif existing.token_key != token_key:
            devices.remove_owner(ops, existing)
        _take_token(ops, device, owner, evicted)
        return device

    device = atomic(world, decide)
    log.fact("device_registered", user_id=device.user_id)
    return device


def drop_token(world: World, device: Device) -> None:
    """Remove a push token that the push service rejected, if the device still has it."""
    key = devices.device_key(device.user_id, device.device_id)

    def decide(ops: Transaction) -> None:
        current = fetch_one(key)
        if current is None or current.token_key != device.token_key:
            return
        devices.remove_owner(ops, current)
        devices.save(ops, current.without_token())

    atomic(world, decide)
    log.fact("push_token_removed", user_id=device.user_id)


def _token_key(world: World, info: DeviceInfo) -> str:
    return world.digests.digest("push_token", info.fcm_token).hex()


def _make_room(ops: Transaction, device: Device, count: DeviceCount | None) -> Device | None:
    """Count the new device. Returns the device that it replaces, if any."""
    count = count or DeviceCount(device.user_id)
    if count.devices_count < MAX_DEVICES:
        devices.save_count(ops, replace(count, devices_count=count.devices_count + 1))
        return None
    oldest = min(devices.of_user(device.user_id), key=lambda device: (device.last_used_at, device.device_id))
    devices.remove(ops, oldest)
    if oldest.token_key != device.token_key:
        devices.remove_owner(ops, oldest)
    devices.save_count(ops, count)
    return oldest


def _take_token(ops: Transaction, device: Device, owner: TokenOwner | None, evicted: Device | None) -> None:
    if owner is not None and owner.is_of(device):
        return
    ownership = TokenOwner(str(device.token_key), device.user_id, device.device_id, owner.version if owner else 0)
    devices.save_owner(ops, ownership)
    if owner is None or (evicted is not None and owner.is_of(evicted)):
        return
    loser = fetch_one(devices.device_key(owner.user_id, owner.device_id))
    if loser is not None and loser.token_key == device.token_key:
        devices.save(ops, loser.without_token())
