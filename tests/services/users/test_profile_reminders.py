"""Reminders of an incomplete profile: in the app, once a day, by day, until it is complete."""

from dataclasses import replace
from datetime import datetime

import pytest

from app import app
from chalicelib.domain.accounts.account import Status
from chalicelib.domain.notifications.notification import Notification
from chalicelib.domain.notifications.notification_kinds import NotificationKind
from chalicelib.services.audit import whole_audit
from chalicelib.services.users import profile_reminders
from chalicelib.tables import accounts, notifications
from chalicelib.tables.accounts import AccountRow
from chalicelib.tables.atomic import atomic
from chalicelib.tables.users import UserRow
from tests.engines.counting import counted
from tests.engines.interleaving import interleave
from tests.world.builders import account
from tests.world.http_client import request
from tests.world.network import Network
from tests.world.real_tables import all_rows
from tests.world.tokens import token_for

PROFILE: dict[str, object] = {"full_name": "Sita Gurung", "date_of_birth": "1996-04-13", "address": "Patan Dhoka"}


def reminders(user: str) -> list[Notification]:
    newest = notifications.newest(user, before=None, limit=100)
    return [item for item in newest if item.kind is NotificationKind.PROFILE_REMINDER]


def sweep_after(network: Network, **time: int) -> int:
    network.fake_world.clock.advance(**time)
    return profile_reminders.sweep(network.world)


def change_profile(network: Network, user: str, fields: dict[str, object]) -> None:
    """By an access token of now, since the clock has moved on."""
    token = token_for(network.world, network.sessions[user])
    assert request(app, "PATCH", "/api/user/profile", fields, token=token).status == 200


def set_status(network: Network, user: str, status: Status) -> None:
    atomic(network.world, lambda ops: accounts.save(ops, replace(account(user), status=status)))


def test_a_newcomer_is_reminded_once_a_day(network: Network) -> None:
    user = network.newcomer()
    assert sweep_after(network, hours=23, minutes=59) == 0
    for count in (1, 2, 3):
        sweep_after(network, minutes=1)
        sweep_after(network, minutes=1)
        assert len(reminders(user)) == count
        network.fake_world.clock.advance(hours=23, minutes=58)
    english, nepali = (reminders(user)[0].render(language) for language in ("en", "ne"))
    assert english.title == "Complete your profile"
    assert nepali.title == "प्रोफाइल पूरा गर्नुहोस्"
    assert whole_audit.audit(network.world) == []


def test_a_complete_profile_ends_the_reminders_and_a_cleared_field_restarts_them(network: Network) -> None:
    user = network.newcomer()
    change_profile(network, user, PROFILE)
    assert sweep_after(network, hours=25) == 0
    change_profile(network, user, {"address": None})
    assert sweep_after(network, hours=23) == 0
    sweep_after(network, hours=1)
    assert len(reminders(user)) == 1
    assert whole_audit.audit(network.world) == []


def test_other_changes_of_the_profile_do_not_move_the_reminder(network: Network) -> None:
    user = network.newcomer()
    network.fake_world.clock.advance(hours=20)
    change_profile(network, user, {"language": "ne"})
    sweep_after(network, hours=4)
    assert len(reminders(user)) == 1


def test_a_late_run_reminds_once_and_the_next_reminder_is_a_day_after_it(network: Network) -> None:
    user = network.newcomer()
    sweep_after(network, days=5)
    sweep_after(network, hours=23)
    assert len(reminders(user)) == 1
    sweep_after(network, hours=1)
    assert len(reminders(user)) == 2


def test_two_runs_at_once_remind_once(network: Network) -> None:
    user = network.newcomer()
    network.fake_world.clock.advance(hours=24)
    with interleave(lambda: profile_reminders.sweep(network.world)):
        profile_reminders.sweep(network.world)
    assert len(reminders(user)) == 1


def test_a_profile_completed_during_the_run_brings_no_reminder(network: Network) -> None:
    user = network.newcomer()
    network.fake_world.clock.advance(hours=24)
    with interleave(lambda: change_profile(network, user, PROFILE)):
        profile_reminders.sweep(network.world)
    assert reminders(user) == []
    assert whole_audit.audit(network.world) == []


def test_a_reminder_comes_by_day(network: Network) -> None:
    """The clock of the tests begins at 11:45 in Kathmandu; the night is from 22 to 7."""
    network.fake_world.clock.advance(hours=14)
    user = network.newcomer()
    assert sweep_after(network, hours=24) == 0
    assert UserRow.get(user).reminder_at == datetime.fromisoformat("2026-11-25T01:15:00+00:00")
    sweep_after(network, hours=6)
    assert len(reminders(user)) == 1


@pytest.mark.parametrize("status", [Status.BANNED, Status.DELETED])
def test_a_blocked_or_deleted_account_is_not_reminded(network: Network, status: Status) -> None:
    user = network.newcomer()
    set_status(network, user, status)
    sweep_after(network, hours=24)
    sweep_after(network, hours=24)
    assert reminders(user) == []
    assert (UserRow.get(user).reminder_at is None) == (status is Status.DELETED)


def test_an_unblocked_account_is_reminded_again(network: Network) -> None:
    user = network.newcomer()
    set_status(network, user, Status.BANNED)
    sweep_after(network, hours=24)
    set_status(network, user, Status.ACTIVE)
    sweep_after(network, hours=24)
    assert len(reminders(user)) == 1


def test_a_run_without_work_takes_four_queries_and_a_reminder_two_calls(network: Network) -> None:
    network.newcomer()
    before = all_rows()
    with counted() as idle:
        profile_reminders.sweep(network.world)
    assert (idle.calls, all_rows()) == (["Query"] * 4, before)
    network.fake_world.clock.advance(hours=24)
    with counted() as busy:
        profile_reminders.sweep(network.world)
    assert busy.calls == ["Query"] * 4 + ["BatchGetItem", "BatchGetItem", "TransactWriteItems"]


def test_a_user_without_an_account_delays_no_other(network: Network) -> None:
    user = network.newcomer()
    AccountRow(user).delete()
    assert sweep_after(network, days=1) == 1
    assert [row.reminder_at for row in UserRow.query(user)] == [None]
    assert reminders(user) == []
