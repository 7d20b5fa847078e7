"""A broadcast is pushed once to every device of its audience, in chunks."""

import pytest

from app import app
from chalicelib.domain.accounts.account import Status
from chalicelib.services import outbox
from chalicelib.services.notifications import broadcast_push
from chalicelib.tables import sessions
from chalicelib.tables.devices import DeviceRow
from chalicelib.tables.rows import SHARDS
from tests.engines.counting import counted
from tests.engines.interleaving import interleave
from tests.scenarios.deletion_scenario import delete_customer
from tests.services.notifications.pushed_broadcasts import TOKENS, Pushes
from tests.services.notifications.test_broadcasts import change_account
from tests.world.http_client import request
from tests.world.network import Network


@pytest.fixture
def pushes(network: Network) -> Pushes:
    return Pushes(network)


def test_every_device_gets_the_push_once_in_its_language(pushes: Pushes) -> None:
    token = pushes.token(pushes.users[0])
    request(app, "PATCH", "/api/user/profile", {"language": "ne"}, token=token)
    sent = pushes.send()
    bodies = pushes.network.fake_world.queues.take(outbox.BROADCASTS)
    assert len(bodies) == SHARDS
    for body in [*bodies, *bodies]:
        broadcast_push.deliver(pushes.network.world, body)
    assert (pushes.pushed, pushes.waiting) == (TOKENS, 0)
    titles = {token: title for token, title, *_ in pushes.network.fake_world.push.sent}
    assert (titles["token-0"], titles["token-1"]) == ("केही समय बन्द", "Short break")
    assert {data["notification_id"] for *_, data in pushes.network.fake_world.push.sent} == {sent}


def test_a_shard_goes_on_from_chunk_to_chunk(pushes: Pushes, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(3):
        pushes.register(pushes.users[0], f"second-{number}", device=f"tablet-{number}")
    monkeypatch.setattr(broadcast_push, "CHUNK_DEVICES", 5)
    for user in (pushes.customer() for _ in range(12)):
        pushes.register(user, f"more-{user}")
    pushes.send()
    assert pushes.push() > SHARDS
    assert len(pushes.pushed) == len(set(pushes.pushed)) == 6 + 3 + 12


def test_a_chunk_takes_few_calls(pushes: Pushes) -> None:
    pushes.send()
    bodies = pushes.network.fake_world.queues.take(outbox.BROADCASTS)
    with counted() as counts:
        for body in bodies:
            broadcast_push.deliver(pushes.network.world, body)
    assert counts.round_trips <= 6 * SHARDS
    assert "Scan" not in counts.calls


def test_two_workers_with_one_chunk_push_it_once(pushes: Pushes) -> None:
    pushes.send()
    bodies = pushes.network.fake_world.queues.take(outbox.BROADCASTS)
    world = pushes.network.world
    for body in bodies:
        with interleave(lambda: broadcast_push.deliver(world, body)):  # noqa: B023
            broadcast_push.deliver(world, body)
    assert pushes.pushed == TOKENS


def test_a_worker_that_dies_leaves_its_chunk_to_the_sweep(pushes: Pushes, monkeypatch: pytest.MonkeyPatch) -> None:
    pushes.send()
    bodies = pushes.network.fake_world.queues.take(outbox.BROADCASTS)
    with monkeypatch.context() as patch:
        patch.setattr(broadcast_push, "_end", None)
        for body in bodies:
            with pytest.raises(TypeError):
                broadcast_push.deliver(pushes.network.world, body)
    for body in bodies:
        broadcast_push.deliver(pushes.network.world, body)
    assert pushes.waiting == SHARDS
    pushes.sweep()
    assert (set(pushes.pushed), pushes.waiting) == (set(TOKENS), 0)


def test_a_push_of_the_night_waits_for_the_morning_and_the_list_does_not(pushes: Pushes) -> None:
    pushes.network.fake_world.clock.advance(hours=11)
    sent = pushes.send()
    assert pushes.listed() == [sent]
    assert (pushes.push(), pushes.sweep(), pushes.pushed) == (0, 0, [])
    pushes.network.fake_world.clock.advance(hours=9)
    pushes.sweep()
    assert pushes.pushed == TOKENS


def test_chunks_that_follow_in_the_night_wait_for_the_morning(
    pushes: Pushes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(broadcast_push, "CHUNK_DEVICES", 2)
    pushes.send()
    pushes.network.fake_world.clock.advance(hours=11)
    assert pushes.push() == SHARDS
    assert 0 < len(pushes.pushed) < len(TOKENS)
    pushes.network.fake_world.clock.advance(hours=9)
    pushes.sweep()
    assert (pushes.pushed, pushes.waiting) == (TOKENS, 0)


def test_only_active_users_of_the_audience_with_a_session_get_it(pushes: Pushes) -> None:
    renter, banned, deleted, signed_out = pushes.users[:4]
    for user in (renter, banned, deleted, signed_out):
        change_account(pushes, user, open_rental_id=None if user == deleted else "r")
    change_account(pushes, banned, status=Status.BANNED)
    pushes.send(audience="renters")
    delete_customer(pushes.network, deleted)
    newcomer = pushes.customer()
    change_account(pushes, newcomer, open_rental_id="r")
    pushes.register(newcomer, "newcomer")
    session = pushes.network.sessions[signed_out]
    sessions.SessionRow(session.session_id).delete()
    pushes.push()
    assert pushes.pushed == ["token-0"]


def test_a_token_that_the_service_rejects_is_dropped(pushes: Pushes) -> None:
    user = pushes.customer()
    pushes.register(user, "unregistered-1")
    for _ in range(2):
        pushes.send()
        pushes.push()
    assert pushes.pushed == sorted(TOKENS * 2)
    assert [row.fcm_token for row in DeviceRow.query(user)] == [None]


def test_a_push_that_is_a_day_late_is_dropped(pushes: Pushes) -> None:
    pushes.send()
    pushes.network.fake_world.clock.advance(hours=25)
    pushes.push()
    assert (pushes.pushed, pushes.waiting) == ([], 0)
