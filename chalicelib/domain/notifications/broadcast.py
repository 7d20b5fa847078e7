"""A broadcast: one message of an operator to many users. It is stored once, and merged into lists that users read."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from chalicelib.domain.accounts.account import Account
from chalicelib.domain.notifications.notification import NOTIFICATION_TTL
from chalicelib.domain.notifications.notification_kinds import Topic
from chalicelib.domain.notifications.notification_texts.template import RenderedText
from chalicelib.domain.operators.role import Role
from chalicelib.domain.users.kyc import KycStatus

MAX_TITLE, MAX_MESSAGE = 30, 110
"""The longest title and message, in characters, in each language."""
MAX_FEED = 50
"""How many broadcasts users see. An older one leaves their lists before its time."""
REPEAT_TIME = timedelta(minutes=10)
"""The same broadcast within this time is taken for a mistake."""


class Audience(StrEnum):
    """The users that a broadcast is for, by what their accounts say when the list is read or the push is sent."""

    ALL = "all"
    KYC_APPROVED = "kyc_approved"
    KYC_NOT_APPROVED = "kyc_not_approved"
    RENTERS = "renters"
    """Those who have rented before, or rent now."""
    OPERATORS = "operators"

    def has(self, account: Account) -> bool:
        """Whether the account belongs to the audience."""
        is_approved = account.kyc_status is KycStatus.APPROVED
        return {
            Audience.ALL: True,
            Audience.KYC_APPROVED: is_approved,
            Audience.KYC_NOT_APPROVED: not is_approved and account.role is Role.CUSTOMER,
            Audience.RENTERS: account.has_rented,
            Audience.OPERATORS: account.role is not Role.CUSTOMER,
        }[self]


class Channel(StrEnum):
    """Where users see a broadcast."""

    IN_APP = "in_app"
    PUSH = "push"


@dataclass(frozen=True)
class Broadcast:
    """Broadcast ids are ULIDs, as the ids of users and notifications are: all of them sort by time."""

    broadcast_id: str
    title: str
    title_ne: str
    message: str
    message_ne: str
    audience: Audience
    channels: tuple[Channel, ...]
    created_by: str
    created_at: datetime

    def is_for(self, account: Account) -> bool:
        """Whether the user belongs to the audience, and existed when the broadcast was sent."""
        return account.user_id < self.broadcast_id and self.audience.has(account)

    def is_shown_to(self, account: Account) -> bool:
        """Whether the user's list of notifications holds it."""
        return Channel.IN_APP in self.channels and self.is_for(account)

    def render(self, language: str) -> RenderedText:
        """In Nepali for `ne`, else in English."""
        if language == "ne":
            return RenderedText(self.title_ne, self.message_ne)
        return RenderedText(self.title, self.message)

    def repeats(self, earlier: "Broadcast") -> bool:
        """Whether it says the same to the same users soon after the earlier one."""
        same = replace(
            self,
            broadcast_id=earlier.broadcast_id,
            created_by=earlier.created_by,
            created_at=earlier.created_at,
            channels=earlier.channels,
        )
        return same == earlier and self.created_at - earlier.created_at < REPEAT_TIME


@dataclass(frozen=True)
class BroadcastFeed:
    """The newest broadcasts, newest first, in one row that every process keeps in memory."""

    broadcasts: tuple[Broadcast, ...] = ()
    version: int = 0

    def broadcast(self, broadcast_id: str) -> Broadcast | None:
        return next((broadcast for broadcast in self.broadcasts if broadcast.broadcast_id == broadcast_id), None)

    def plus(self, broadcast: Broadcast) -> "BroadcastFeed":
        """The feed with one more broadcast, without those that are too old or too many."""
        since = broadcast.created_at - NOTIFICATION_TTL
        kept = [earlier for earlier in self.broadcasts if earlier.created_at > since]
        return replace(self, broadcasts=(broadcast, *kept[: MAX_FEED - 1]))


@dataclass(frozen=True)
class ReceivedBroadcast:
    """A broadcast in the list of one user, beside the user's notifications. `unread_id` is None once it is read."""

    broadcast: Broadcast
    unread_id: str | None

    @property
    def notification_id(self) -> str:
        return self.broadcast.broadcast_id

    @property
    def topic(self) -> Topic:
        return Topic.BROADCAST

    @property
    def data(self) -> dict[str, Any]:
        return {}

    @property
    def created_at(self) -> datetime:
        return self.broadcast.created_at

    def render(self, language: str) -> RenderedText:
        """In Nepali for `ne`, else in English."""
        return self.broadcast.render(language)

    def is_read(self, read_until: str) -> bool:
        """True if the user read it, or marked all with an id before `read_until` as read."""
        return self.unread_id is None or self.notification_id < read_until
