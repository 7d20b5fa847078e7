"""Devices of users, the number of each user's devices, and the device of each push token."""

from pynamodb.attributes import UnicodeAttribute

from chalicelib.domain.sessions.device import Device, DeviceCount, TokenOwner
from chalicelib.tables.atomic import Transaction
from chalicelib.tables.attributes import IntAttribute, TimeAttribute
from chalicelib.tables.conditional_writes import delete_if
from chalicelib.tables.dynamodb import storage
from chalicelib.tables.rows import Key, KeysOnlyIndex, Row, entity, shard_of, values


class DevicesWithToken(KeysOnlyIndex, name="with_token"):
    """Devices that have a push token, in shards of users. Broadcasts go through it."""

    push_shard = UnicodeAttribute(hash_key=True)
    user_id = UnicodeAttribute(range_key=True)


class DeviceRow(Row):
    """A device. No other table holds a push token in plain text."""

    class Meta:
        table_name = "devices"

    user_id = UnicodeAttribute(hash_key=True)
    device_id = UnicodeAttribute(range_key=True)
    device_type = UnicodeAttribute()
    last_used_at = TimeAttribute()
    fcm_token = UnicodeAttribute(null=True)
    token_key = UnicodeAttribute(null=True)
    device_name = UnicodeAttribute(null=True)
    app_version = UnicodeAttribute(null=True)
    os_version = UnicodeAttribute(null=True)
    session_id = UnicodeAttribute(null=True)
    version = IntAttribute()
    push_shard = UnicodeAttribute(null=True)
    with_push_token = DevicesWithToken()


class DeviceCountRow(Row):
    class Meta:
        table_name = "device_counts"

    user_id = UnicodeAttribute(hash_key=True)
    devices_count = IntAttribute()
    version = IntAttribute()


class PushTokenRow(Row):
    """`token_key` is a keyed digest of the token."""

    class Meta:
        table_name = "push_tokens"

    token_key = UnicodeAttribute(hash_key=True)
    user_id = UnicodeAttribute()
    device_id = UnicodeAttribute()
    version = IntAttribute()


def device_key(user_id: str, device_id: str) -> Key[Device]:
    return Key(DeviceRow, user_id, device_id, lambda row: entity(row, Device))


def count_key(user_id: str) -> Key[DeviceCount]:
    return Key(DeviceCountRow, user_id, None, lambda row: entity(row, DeviceCount))


def owner_key(token_key: str) -> Key[TokenOwner]:
    return Key(PushTokenRow, token_key, None, lambda row: entity(row, TokenOwner))


def of_user(user_id: str) -> list[Device]:
    """All of a user's devices. The read is strongly consistent. Raises Problem("storage_unavailable")."""
    with storage():
        return [entity(row, Device) for row in DeviceRow.query(user_id, consistent_read=True)]


def with_token(shard: int, *, after: str, limit: int) -> list[Key[Device]]:
    """The keys of at most `limit` devices with a push token, by user, of users whose ids come after `after`.

    Raises Problem("storage_unavailable").
    """
    with storage():
        later = DevicesWithToken.user_id > after if after else None
        rows = DeviceRow.with_push_token.query(str(shard), later, limit=limit, page_size=limit)
        return [device_key(row.user_id, row.device_id) for row in rows]


def save(ops: Transaction, device: Device) -> None:
    """Stage a device. Stale when it has changed since it was read."""
    push_shard = shard_of(device.user_id) if device.fcm_token else None
    ops.save(DeviceRow(**values(device), push_shard=push_shard), device.version)


def save_count(ops: Transaction, count: DeviceCount) -> None:
    ops.save(DeviceCountRow(**values(count)), count.version)


def save_owner(ops: Transaction, owner: TokenOwner) -> None:
    """Stage the device as owner of the token. Stale when the owner has changed since it was read."""
    ops.save(PushTokenRow(**values(owner)), owner.version)


def remove_owner(ops: Transaction, device: Device) -> None:
    """Stage that no device owns the token. Stage the device's own row too: its version guards this write."""
    if device.token_key is not None:
        ops.remove(PushTokenRow(token_key=device.token_key))


def remove(ops: Transaction, device: Device) -> None:
    ops.remove(DeviceRow(user_id=device.user_id, device_id=device.device_id), version=device.version)


def delete_devices(user_id: str) -> None:
    """Delete all of a user's devices and those of their tokens that the user still owns."""
    for device in of_user(user_id):
        if device.token_key is not None:
            delete_if(PushTokenRow(token_key=device.token_key), PushTokenRow.user_id == user_id)
        with storage():
            DeviceRow(user_id, device.device_id).delete()
    with storage():
        DeviceCountRow(user_id).delete()
