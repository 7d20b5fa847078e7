"""A user's device, and the push token that reaches it."""

from dataclasses import dataclass, replace
from datetime import datetime

MAX_DEVICES = 10
"""The limit of registered devices and of active sessions, for each user. A new device replaces the oldest one."""


@dataclass(frozen=True)
class Device:
    """A device as it last registered. `token_key` is the digest that names the owner of its push token."""

    user_id: str
    device_id: str
    device_type: str
    last_used_at: datetime
    fcm_token: str | None = None
    token_key: str | None = None
    device_name: str | None = None
    app_version: str | None = None
    os_version: str | None = None
    session_id: str | None = None
    """The session that registered it. Pushes stop when the session ends."""
    version: int = 0

    def without_token(self) -> "Device":
        """The device without a push token. It gets no push until it registers again."""
        return replace(self, fcm_token=None, token_key=None)


@dataclass(frozen=True)
class DeviceCount:
    """The number of a user's devices. Its version makes decisions that add or replace a device conflict."""

    user_id: str
    devices_count: int = 0
    version: int = 0


@dataclass(frozen=True)
class TokenOwner:
    """The one device that owns a push token."""

    token_key: str
    user_id: str
    device_id: str
    version: int = 0

    def is_of(self, device: Device) -> bool:
        return (self.user_id, self.device_id) == (device.user_id, device.device_id)
