"""The rights of the functions in tests: every call of a function is checked against its policy."""

import sys
from functools import cache
from types import CodeType, FrameType

from _pytest.fixtures import call_fixture_func
from _pytest.python import pytest_pyfunc_call

from chalicelib.services import outbox
from chalicelib.services.admin import alerts
from chalicelib.services.analytics import counting, recount
from chalicelib.services.audit import audit_runs, segment_walks, whole_audit
from chalicelib.services.auth import otp_delivery
from chalicelib.services.cabinets import inbound, liveness, polling
from chalicelib.services.media import upload_checks
from chalicelib.services.notifications import broadcast_push, push
from chalicelib.services.reconciliation import comparison, reversal_checks
from chalicelib.services.refunds import payouts
from chalicelib.services.rentals import due_times, ejects
from chalicelib.services.rewards import leaderboard_refresh, messages, points
from chalicelib.services.stations import listing_refresh
from chalicelib.services.topups import crediting, payment_events
from chalicelib.services.users import deletion, profile_reminders
from infra.local.aws.iam import AccessControl, current_function

PREFIX = "test-"
ROOTS = {id(pytest_pyfunc_call.__code__), id(call_fixture_func.__code__)}
"""What calls tests and fixtures, by the address of its code: the hash of a code object is computed each time."""


@cache
def verbs() -> dict[int, str]:
    """The functions whose handlers call these verbs, by the address of the verb's code.

    Many tests call a verb without its handler.
    """
    by_code: dict[CodeType, str] = {
        otp_delivery.deliver.__code__: "SendOtps",
        points.award.__code__: "AwardPoints",
        messages.handle.__code__: "AwardPoints",
        inbound.handle_event.__code__: "HandleDeviceEvents",
        payment_events.handle_payment_event.__code__: "HandlePaymentEvents",
        payouts.deliver.__code__: "SendRefunds",
        deletion.handle_message.__code__: "Erase",
        push.deliver.__code__: "SendPushes",
        broadcast_push.deliver.__code__: "SendBroadcasts",
        polling.poll.__code__: "PollMns",
        ejects.sweep.__code__: "SweepEjects",
        due_times.sweep.__code__: "SweepRentals",
        profile_reminders.sweep.__code__: "SweepProfileReminders",
        crediting.sweep.__code__: "SweepIntents",
        payouts.sweep.__code__: "SweepRefunds",
        outbox.sweep.__code__: "SweepOutbox",
        listing_refresh.refresh.__code__: "RefreshStations",
        leaderboard_refresh.refresh.__code__: "RefreshLeaderboards",
        counting.count_changed.__code__: "CountDays",
        recount.run.__code__: "RecountDays",
        liveness.watch.__code__: "WatchCabinets",
        alerts.run.__code__: "AlertOperators",
        upload_checks.sweep.__code__: "SweepUploads",
        comparison.run.__code__: "Reconcile",
        reversal_checks.run.__code__: "Reconcile",
        audit_runs.start_nightly.__code__: "BeginAudit",
        segment_walks.run.__code__: "AuditLedger",
        whole_audit.audit.__code__: "AuditLedger",
    }
    return {id(code): function for code, function in by_code.items()}


def calling_function() -> str | None:
    """The function that runs: the one whose handler was called, else the one whose verb is on the stack."""
    return current_function() or _function_on_stack()


def _function_on_stack() -> str | None:
    """The outermost verb on the stack. The frames of pytest, under the test, are half of it."""
    frame: FrameType | None = sys._getframe(1)
    by_code, function = verbs(), None
    while frame is not None and (code := id(frame.f_code)) not in ROOTS:
        function = by_code.get(code, function)
        frame = frame.f_back
    return function


ACCESS = AccessControl(PREFIX, function=calling_function)
"""Checks the calls of every test."""
