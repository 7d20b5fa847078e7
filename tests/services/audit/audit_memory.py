"""Measures the memory that a whole audit holds while it goes through any number of rows."""

import tracemalloc
from typing import Any

from chalicelib.domain.accounts.account import Account
from chalicelib.domain.operators.role import Role
from chalicelib.services.audit import audit_runs, segment_walks
from chalicelib.tables.accounts import AccountRow
from chalicelib.tables.coupons import UserCouponCountRow
from chalicelib.tables.dynamodb import shared_connection
from chalicelib.tables.rows import values
from chalicelib.tables.sessions import ActiveSessionsRow
from chalicelib.world import World

ROWS_PER_ACCOUNT = 500
"""The audit judges an account by about ten queries, and other rows by the page. So most rows are others, and an audit
of many rows ends within minutes."""


def add_rows(first: int, end: int) -> None:
    """Rows of a table by user, and an account of an operator for each ROWS_PER_ACCOUNT of them."""
    with AccountRow.batch_write() as batch:
        for number in range(first, end, ROWS_PER_ACCOUNT):
            account = Account(_user_id(number), role=Role.SUPPORT)
            batch.save(AccountRow(**{**values(account), "version": 1}))
    with ActiveSessionsRow.batch_write() as batch:
        for number in range(first, end, ROWS_PER_ACCOUNT):
            batch.save(ActiveSessionsRow(user_id=_user_id(number), entries=(), version=1))
    with UserCouponCountRow.batch_write() as batch:
        for number in range(first, end):
            batch.save(UserCouponCountRow(_user_id(number), f"C{number}", uses_count=1, version=1))


def _user_id(number: int) -> str:
    return f"{number // ROWS_PER_ACCOUNT:026d}"


def peak_of_audit(world: World) -> tuple[int, int]:
    """The rows of a whole audit, and the most bytes that it holds at any of its calls of DynamoDB.

    The engine of the tests runs in this process: what it needs during a call does not count.
    """
    audit_runs.start_nightly(world)
    peak = 0

    def note(**_: Any) -> None:
        nonlocal peak
        peak = max(peak, tracemalloc.get_traced_memory()[0])

    events = shared_connection().client.meta.events
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    events.register("before-call.dynamodb", note)
    try:
        while audit_runs.latest().running is not None:
            segment_walks.run(world, lambda: 120.0, workers=1)
    finally:
        events.unregister("before-call.dynamodb", note)
        tracemalloc.stop()
    last = audit_runs.latest().last
    assert last is not None
    return last.rows_count, peak - before
