"""Reads all that the audit compares about one account."""

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from typing import Any

from chalicelib.domain.operators.role import Role
from chalicelib.services.audit.account_case import AccountCase
from chalicelib.services.audit.account_history import read_history
from chalicelib.services.audit.account_named_rows import named_keys, with_named_rows
from chalicelib.services.audit.account_part import AccountPart
from chalicelib.services.audit.day_counts import miscounted
from chalicelib.services.audit.ledger import LedgerReading, read_ledger
from chalicelib.services.users import deletion
from chalicelib.tables import (
    accounts,
    achievements,
    balance_additions,
    coupons,
    devices,
    issues,
    kyc,
    leaderboards,
    open_items,
    operators,
    outbox,
    rental_issues,
    reversals,
    sessions,
    users,
)
from chalicelib.tables.dynamodb import fetch_all, fetch_one
from chalicelib.tables.rows import Key
from chalicelib.world import World


def load(world: World, part: AccountPart) -> AccountCase | None:
    """The case of a part, from strongly consistent reads. None when there is no such account.

    Raises Problem("storage_unavailable").
    """
    return next(iter(load_all(world, [part])), None)


def load_all(
    world: World, parts: Sequence[AccountPart], users_of: Mapping[str, Collection[str]] | None = None
) -> list[AccountCase]:
    """The cases of those parts whose account exists. Raises Problem("storage_unavailable").

    `users_of` names the users with rows in a table of `audit_scan.OWNED`. No row of any other user is looked for.
    """
    keys = {part: _own_keys(part.user_id) for part in parts}
    found = fetch_all([key for own_keys in keys.values() for key in own_keys])
    cases = [
        _own_rows(world, part, [found[key] for key in own_keys], partial(_has_rows, users_of, part.user_id))
        for part, own_keys in keys.items()
        if found[own_keys[0]] is not None
    ]
    keys_of_cases = [named_keys(world, case) for case in cases]
    named_rows = fetch_all([*dict.fromkeys(key for named in keys_of_cases for key in named.all())])
    return [with_named_rows(case, named, named_rows) for case, named in zip(cases, keys_of_cases, strict=True)]


def _has_rows(users_of: Mapping[str, Collection[str]] | None, user_id: str, table: str) -> bool:
    return users_of is None or user_id in users_of[table]


def _own_keys(user_id: str) -> list[Key[Any]]:
    return [
        accounts.account_key(user_id),
        users.user_key(user_id),
        kyc.kyc_submission_key(user_id),
        devices.count_key(user_id),
        sessions.active_sessions_key(user_id),
        outbox.message_key(deletion.message_id_of(user_id)),
        leaderboards.scores_key(user_id),
    ]


def _own_rows(world: World, part: AccountPart, rows: Sequence[Any], has: Callable[[str], bool]) -> AccountCase:
    """The case without the rows that its own rows name. `rows` are those of `_own_keys`."""
    account, user, submission, device_count, session_list, erasure, counted = rows
    user_id, history = part.user_id, read_history(account, part, has, world.now())
    return AccountCase(
        part,
        account,
        user,
        submission,
        device_count,
        session_list is not None,
        erasure is not None,
        read_ledger(account, part, history) if has("postings") else LedgerReading(part),
        history.sums,
        history.rentals,
        history.intents,
        history.refunds,
        history.totals,
        tuple(one for one in reversals.of_user(user_id) if part.holds(one.intent_id)) if has("reversals") else (),
        tuple(devices.of_user(user_id)) if has("devices") else (),
        frozenset(open_items.of_user(user_id)) if has("open_items") else frozenset(),
        tuple(one for one in balance_additions.each_of_user(user_id) if part.holds(one.addition_id))
        if has("balance_additions")
        else (),
        tuple(coupons.uses_of_user(user_id)) if has("coupon_uses") else (),
        tuple(achievements.of_user(user_id)) if has("achievements") else (),
        scores=counted.scores if counted else {},
        operator=fetch_one(operators.operator_key(user_id)) if account.role is not Role.CUSTOMER else None,
        miscounted=miscounted(user_id, history.rentals, history.intents) if has("counted_facts") else frozenset(),
        has_issues=account.deleted and _has_issues(user_id, has),
    )


def _has_issues(user_id: str, has: Callable[[str], bool]) -> bool:
    of_stations = has("station_issues") and issues.any_of_user(user_id)
    return of_stations or (has("rental_issues") and rental_issues.any_of_user(user_id))
