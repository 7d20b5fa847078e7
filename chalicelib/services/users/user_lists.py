"""Users as operators list, find and read them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.accounts.account import Account, Status
from chalicelib.domain.auth.identifier import parse_identifier
from chalicelib.domain.operators.numbered_page import NumberedPage
from chalicelib.domain.problems.problems import must_exist
from chalicelib.domain.users.kyc import KycStatus
from chalicelib.domain.users.user import User
from chalicelib.services.auth.identifier_keys import identifier_key
from chalicelib.services.newest_pages import NewestPage, Position, read_page
from chalicelib.tables import accounts, identities, sessions, users
from chalicelib.tables.dynamodb import fetch_all
from chalicelib.world import World

MAX_SEARCH_CHARACTERS = 254


@dataclass(frozen=True)
class UserRecord:
    """A user and the account. `last_login_at` is the start of the newest session that is still listed."""

    user: User
    account: Account
    last_login_at: datetime | None = None


@dataclass(frozen=True)
class UsersFilter:
    """What the listed users have in common. None leaves a field open."""

    status: Status | None = None
    kyc_status: KycStatus | None = None

    @property
    def is_open(self) -> bool:
        return self.status is None and self.kyc_status is None

    def matches(self, record: UserRecord) -> bool:
        account = record.account
        return self.status in (None, account.status) and self.kyc_status in (None, account.kyc_status)


def page_of(criteria: UsersFilter, page: NumberedPage, *, before: str | None) -> NewestPage[UserRecord]:
    """The users who registered before the user `before`, or the page by number, the newest first."""

    def read(limit: int) -> list[Position[str]]:
        return [Position(user_id, user_id) for user_id in users.newest_ids(before=before, limit=limit)]

    matches = None if criteria.is_open else criteria.matches
    found = read_page(read, _load, page, by_cursor=before is not None, matches=matches)
    return NewestPage(_with_logins(found.items), found.following, found.listed)


def find(world: World, text: str) -> Sequence[UserRecord]:
    """The users whose id, username, phone number, e-mail address or referral code `text` is, in any spelling of it.

    Every one of these is looked up by its key; none is searched for by a part of it.
    """
    text = text.strip()
    identity_keys = [
        identities.identity_key("username", text.lower()),
        identities.identity_key("referral", text.upper()),
    ]
    identifier = parse_identifier(text)
    if identifier is not None:
        identity_keys.append(identities.identity_key(identifier.kind, identifier_key(world, identifier.text)))
    found = fetch_all(identity_keys)
    owners = [owner for key in identity_keys if (owner := found[key]) is not None]
    return _with_logins([*_load([*dict.fromkeys([text, *owners])]).values()])


def read(user_id: str) -> UserRecord:
    """Raises Problem("not_found"), also for a deleted account."""
    record = must_exist(_load([user_id]).get(user_id))
    return _with_logins([record])[0]


def _load(user_ids: Sequence[str]) -> Mapping[str, UserRecord]:
    """The users by id, without those who are deleted."""
    user_keys = [users.user_key(user_id) for user_id in user_ids]
    account_keys = [accounts.account_key(user_id) for user_id in user_ids]
    found = fetch_all([*user_keys, *account_keys])
    records = {}
    for user_id, user_key, account_key in zip(user_ids, user_keys, account_keys, strict=True):
        user, account = found[user_key], found[account_key]
        if user is not None and account is not None and not account.deleted:
            records[user_id] = UserRecord(user, account)
    return records


def _with_logins(records: Sequence[UserRecord]) -> Sequence[UserRecord]:
    keys = [sessions.active_sessions_key(record.user.user_id) for record in records]
    found = fetch_all(keys)
    return [
        UserRecord(record.user, record.account, listed.entries[-1].began_at if listed and listed.entries else None)
        for record, listed in zip(records, (found[key] for key in keys), strict=True)
    ]
