"""Every check of the audit: the table that it goes through, what it reads about one row, and the rules."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from chalicelib.domain.accounts.account import Account
from chalicelib.domain.auth.otp import Challenge
from chalicelib.domain.operations.audit import MAX_OPEN_AGE, Violation
from chalicelib.services.audit import account_reads, coupons, named_rows, powerbanks, stations
from chalicelib.services.audit.account_part import parts_of
from chalicelib.services.audit.accounts import account_violations
from chalicelib.services.audit.named_rows import Scanned
from chalicelib.tables import accounts, audit_scan, otp, outbox
from chalicelib.tables.audit_scan import ScannedTable
from chalicelib.tables.dynamodb import fetch_all, fetch_one
from chalicelib.tables.outbox import Message
from chalicelib.world import World

ACCOUNTS_PAGE, HARDWARE_PAGE, ROWS_PAGE = 25, 100, 500
"""How many rows are read at once: where every row is judged, where one read names some, and where most are right."""


@dataclass(frozen=True)
class Check:
    """What the audit does with each row of a table.

    `suspects` leaves out rows of a page that are surely right. `load` reads all that the rules compare; two equal
    cases prove that nothing changed between their reads. `judge` names the rules that do not hold. `subject_of`
    makes the argument of `load` from what a scan reads of a row.
    """

    name: str
    table: ScannedTable[Any]
    load: Callable[[World, Any], Any]
    judge: Callable[[World, Any], Iterable[Violation]]
    suspects: Callable[[World, Scanned], Scanned] = lambda world, rows: rows  # noqa: ARG005
    page_rows: int = ACCOUNTS_PAGE
    subject_of: Callable[[Any], Any] = lambda value: value
    parts_of: Callable[[Any], Sequence[Any]] = lambda subject: (subject,)
    """Divides a subject whose rows may be many. Each part is loaded and judged alone."""


def _long_waiting(world: World, rows: Scanned) -> Scanned:
    return [(position, message_id) for position, (message_id, at) in rows if _is_old(world, at)]


def _is_old(world: World, at: datetime) -> bool:
    return world.now() - at > MAX_OPEN_AGE


def _message(world: World, message_id: str) -> Message | None:  # noqa: ARG001  every check loads by world and id
    return fetch_one(outbox.message_key(message_id))


def _message_violations(world: World, message: Message | None) -> Iterable[Violation]:
    if message is not None and _is_old(world, message.due_at):
        yield Violation("message_left_open", message.message_id, message.queue)


def _often_tried(world: World, rows: Scanned) -> Scanned:
    limit = world.settings().otp_tries
    return [(position, challenge_id) for position, (challenge_id, guesses_count) in rows if guesses_count > limit]


def _challenge(world: World, challenge_id: str) -> Challenge | None:  # noqa: ARG001  every check loads by world and id
    return fetch_one(otp.challenge_key(challenge_id))


def _challenge_violations(world: World, challenge: Challenge | None) -> Iterable[Violation]:
    guesses_count = max(challenge.guesses.values(), default=0) if challenge else 0
    if challenge is not None and guesses_count > world.settings().otp_tries:
        yield Violation("otp_tried_too_often", challenge.challenge_id, f"{guesses_count}")


def _without_account(world: World, rows: Scanned) -> Scanned:  # noqa: ARG001  every check selects by world and rows
    """The last row of each user without an account."""
    keys = {user_id: accounts.account_key(user_id) for _, user_id in rows}
    found = fetch_all([*keys.values()])
    last_rows = {user_id: position for position, user_id in rows if found[keys[user_id]] is None}
    return [(position, user_id) for user_id, position in last_rows.items()]


def _owner(world: World, user_id: str) -> tuple[str, Account | None]:  # noqa: ARG001  every check loads by world and id
    return user_id, fetch_one(accounts.account_key(user_id))


def _owner_violations(noun: str, world: World, owner: tuple[str, Account | None]) -> Iterable[Violation]:  # noqa: ARG001
    user_id, account = owner
    if account is None:
        yield Violation(f"{noun}_without_account", user_id)


def _first(value: tuple[Any, ...]) -> Any:
    return value[0]


OWNERS: tuple[Check, ...] = tuple(
    Check(f"owners of {noun}", table, _owner, partial(_owner_violations, noun), _without_account, ROWS_PAGE)
    for noun, table in audit_scan.OWNED.items()
)
"""The user of each row must have an account."""
ACCOUNTS = Check("accounts", audit_scan.ACCOUNTS, account_reads.load, account_violations, parts_of=parts_of)
ROW_CHECKS: tuple[Check, ...] = (
    Check(
        "powerbanks",
        audit_scan.POWERBANKS,
        powerbanks.load,
        powerbanks.powerbank_violations,
        powerbanks.suspect_powerbanks,
        HARDWARE_PAGE,
    ),
    *(
        Check(name, table, stations.load, stations.station_violations, stations.suspect_stations, HARDWARE_PAGE)
        for name, table in (("stations", audit_scan.STATIONS), ("cabinets", audit_scan.CABINETS))
    ),
    Check(
        "bindings",
        audit_scan.BINDINGS,
        stations.load_binding,
        stations.binding_violations,
        stations.suspect_bindings,
        HARDWARE_PAGE,
    ),
    Check(
        "identities",
        audit_scan.IDENTITIES,
        named_rows.load_identity,
        named_rows.identity_violations,
        named_rows.suspect_identities,
        subject_of=_first,
    ),
    Check(
        "references",
        audit_scan.REFERENCES,
        named_rows.load_reference,
        named_rows.reference_violations,
        named_rows.suspect_references,
        ROWS_PAGE,
        subject_of=_first,
    ),
    Check(
        "idempotency",
        audit_scan.IDEMPOTENCY_RECORDS,
        named_rows.load_record,
        named_rows.record_violations,
        named_rows.suspect_records,
        ROWS_PAGE,
        subject_of=lambda record: record[:2],
    ),
    Check("coupons", audit_scan.COUPONS, coupons.load, coupons.coupon_violations),
    Check("use counts", audit_scan.USE_COUNTS, coupons.load_use_count, coupons.use_count_violations),
    Check("messages", audit_scan.MESSAGES, _message, _message_violations, _long_waiting, ROWS_PAGE, _first),
    Check("challenges", audit_scan.CHALLENGES, _challenge, _challenge_violations, _often_tried, ROWS_PAGE, _first),
)
CHECKS = (ACCOUNTS, *ROW_CHECKS, *OWNERS)
