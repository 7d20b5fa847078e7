"""A telephone or browser that belongs to a user, and where pushes for it go."""

from dataclasses import dataclass, replace
from datetime import datetime

MAX_DEVICES = 10
"""Of one user: devices registered for push, and devices signed in at once. The next device replaces the oldest."""


@dataclass(frozen=True)
class Device:
    """As it told of itself when it was last registered. `token_key` is the digest its push token is owned under."""

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
    """Who signed in on it: pushes end with that sign-in."""
    version: int = 0

    def without_token(self) -> "Device":
        """Its pushes go nowhere until it registers again."""
        return replace(self, fcm_token=None, token_key=None)


@dataclass(frozen=True)
class DeviceCount:
    """How many devices a user has; its version fences every decision that adds or pushes out one."""

    user_id: str
    devices_count: int = 0
    version: int = 0


@dataclass(frozen=True)
class TokenOwner:
    """The one device that a push token belongs to."""

    token_key: str
    user_id: str
    device_id: str
    version: int = 0

    def is_of(self, device: Device) -> bool:
        return (self.user_id, self.device_id) == (device.user_id, device.device_id)
