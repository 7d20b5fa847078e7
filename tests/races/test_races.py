"""Concurrent requests: one succeeds, the others get a problem code, and the books balance."""

import os
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib.domain.payments.payment_gateway import PaymentState, PaymentStatus
from chalicelib.domain.rentals.rental_state import RentalState
from chalicelib.gateways.callback_parsing import event_id
from chalicelib.services import outbox
from chalicelib.services.auth import otp as otp_codes
from chalicelib.services.auth import otp_delivery
from chalicelib.services.rentals import queries
from chalicelib.services.topups import intents
from chalicelib.tables import otp
from chalicelib.tables.atomic import atomic
from chalicelib.tables.dynamodb import fetch, fetch_one
from chalicelib.tables.outbox import Message
from chalicelib.tables.webhooks import webhook_key
from chalicelib.world import World
from infra.local.cabinets import frames
from infra.local.seeds import seed
from infra.local.seeds.seed import DEMO_PHONE
from tests.races import race_clients
from tests.races.race_runner import ENGINES, RACES, RaceRunner, race_runner
from tests.world.builders import CIVIL, LABIM, account
from tests.world.network import EJECTED

PACKAGES = ("1-hour", "pay-as-you-go")
PARTICIPANTS, MANY_PARTICIPANTS = 32, 100
ROUNDS = int(os.environ.get("RACE_ROUNDS", "50"))
"""On dynoxide; `RACE_ROUNDS=200` runs longer. On moto, where one lock runs all requests in turn, a tenth of it."""
pytestmark = RACES


@pytest.fixture(scope="module", params=ENGINES)
def racing(request: pytest.FixtureRequest) -> Iterator[RaceRunner]:
    rounds = ROUNDS if request.param == "dynoxide" else max(1, ROUNDS // 10)
    with race_runner(request.param, rounds) as created:
        yield created


def test_thirty_two_starts_by_one_user_give_one_rental(racing: RaceRunner) -> None:
    """By a package that holds its price, and by one that holds nothing, in turn."""
    network = racing.network
    for number in range(racing.rounds):
        network.fake_world.clock.advance(minutes=1)
        network.report_snapshot(LABIM)
        user = network.customer()
        session_id = network.sessions[user].session_id
        package = PACKAGES[number % len(PACKAGES)]
        order = {"station_sn": LABIM.sn, "package_id": package, "user_id": user, "session_id": session_id}
        results, ejects = racing.race(race_clients.start, [order] * PARTICIPANTS)
        refused = Counter(result.problem_code for result in results)
        assert refused[None] == 1, refused
        assert set(refused) <= {None, "rental_open", "station_busy"}, refused
        assert ejects == 1
        winner = next(result.value for result in results if result.problem_code is None)
        rental = queries.read(user, winner)
        network.report_eject(LABIM, rental.powerbank_sn, EJECTED)
        network.fake_world.clock.advance(minutes=1)
        network.report_return(LABIM, rental.powerbank_sn, slot=rental.station.slot_number)
    network.deliver_messages()
    assert network.books_balance()


def test_thirty_two_users_for_one_bank_give_one_rental(racing: RaceRunner) -> None:
    network = racing.network
    users = [network.customer() for _ in range(PARTICIPANTS)]
    last = "40818061"
    for _ in range(racing.rounds):
        network.fake_world.clock.advance(minutes=1)
        only_one_bank(racing, last)
        orders = [
            {"station_sn": CIVIL.sn, "user_id": user, "session_id": network.sessions[user].session_id}
            for user in users
        ]
        results, ejects = racing.race(race_clients.start, orders)
        refused = Counter(result.problem_code for result in results)
        assert refused[None] == 1, refused
        assert set(refused) <= {None, "station_busy", "no_powerbank_available"}, refused
        assert ejects == 1
        open_ids = [account(user).open_rental_id for user in users]
        winner = next(user for user, open_id in zip(users, open_ids, strict=True) if open_id)
        rental = queries.read(winner, open_ids[users.index(winner)] or "")
        assert rental.powerbank_sn == last
        assert rental.state is RentalState.STARTING
        network.report_eject(CIVIL, last, EJECTED)
        network.fake_world.clock.advance(minutes=1)
        network.report_return(CIVIL, last, slot=1)
    network.deliver_messages()
    assert network.books_balance()


def only_one_bank(racing: RaceRunner, last: str) -> None:
    """Report that Civil Mall has one power bank left."""
    content = [frames.SlotContent(number, last if number == 1 else None, 90) for number in range(1, 9)]
    racing.network.report_frame(CIVIL, frames.snapshot(content))


def test_concurrent_checks_of_one_payment_credit_it_once(racing: RaceRunner) -> None:
    network = racing.network
    user = network.customer(wallet_paisa=0)
    session_id = network.sessions[user].session_id
    for number in range(racing.rounds):
        before = account(user).wallet_paisa
        caller = network.sessions[user].caller(network.world)
        intent, _ = intents.open_intent(network.world, caller, amount_paisa=50_000, method="khalti", return_url=None)
        orders = [
            {"as": name, "intent_id": intent.intent_id, "user_id": user, "session_id": session_id}
            for name in ("verify", "callback", "sweep", "verify")
        ] * (PARTICIPANTS // 4)
        payment_status = PaymentStatus(PaymentState.PAID, f"race-{user}-{number}", 50_000)
        results, _ = racing.race(race_clients.check_topup, orders, payment_status)
        assert {result.problem_code for result in results} == {None}
        assert account(user).wallet_paisa == before + 50_000
    network.deliver_messages()
    assert network.books_balance()


def test_a_hundred_checks_sweeps_and_webhooks_credit_one_payment_once(racing: RaceRunner) -> None:
    network = racing.network
    user = network.customer(wallet_paisa=0)
    session_id = network.sessions[user].session_id
    for number in range(max(2, racing.rounds // 10)):
        before = account(user).wallet_paisa
        caller = network.sessions[user].caller(network.world)
        intent, _ = intents.open_intent(network.world, caller, amount_paisa=50_000, method="khalti", return_url=None)
        pidx = f"ref-{intent.order_ref}"
        about = {
            "intent_id": intent.intent_id,
            "user_id": user,
            "session_id": session_id,
            "pidx": pidx,
            "message_id": f"khalti#{event_id(pidx, '', '', '')}",
        }
        orders = [{"as": name, **about} for name in ("verify", "webhook", "sweep", "webhook")] * (
            MANY_PARTICIPANTS // 4
        )
        payment_status = PaymentStatus(PaymentState.PAID, f"many-{user}-{number}", 50_000)
        results, _ = racing.race(race_clients.check_topup, orders, payment_status)
        assert Counter(result.problem_code for result in results) == {None: MANY_PARTICIPANTS}
        assert account(user).wallet_paisa == before + 50_000
        webhook = fetch(webhook_key(about["message_id"]))[webhook_key(about["message_id"])]
        assert webhook is not None
        assert webhook.intent_id == intent.intent_id
    network.deliver_messages()
    assert network.books_balance()


def test_a_due_is_paid_once(racing: RaceRunner) -> None:
    network = racing.network
    for _ in range(max(1, racing.rounds // 4)):
        network.fake_world.clock.advance(minutes=1)
        network.report_snapshot(LABIM)
        user = network.customer(wallet_paisa=2_000)
        rental = network.rented(user)
        network.fake_world.clock.advance(hours=3)
        network.report_return(LABIM, rental.powerbank_sn, slot=rental.station.slot_number)
        owed = account(user).due_paisa
        seed.fill_wallet(network.world, user, 100_000)
        order = {
            "rental_id": rental.rental_id,
            "user_id": user,
            "session_id": network.sessions[user].session_id,
        }
        before = account(user)
        results, _ = racing.race(race_clients.pay_due, [order] * PARTICIPANTS)
        refused = Counter(result.problem_code for result in results)
        assert refused == {None: 1, "nothing_due": PARTICIPANTS - 1}
        after = account(user)
        spent = before.wallet_paisa - after.wallet_paisa + (before.points - after.points) * 10
        assert (spent, after.due_paisa) == (owed, 0)
    network.deliver_messages()
    assert network.books_balance()


def test_points_messages_delivered_many_times_at_once_award_once(racing: RaceRunner) -> None:
    network = racing.network
    user = network.customer(wallet_paisa=0)
    for number in range(racing.rounds):
        before = account(user).points
        body = {"user_id": user, "points": 7, "source": "race"}
        message = written(network.world, f"points:race:{user}:{number}", body)
        results, _ = racing.race(race_clients.award, [message.body] * PARTICIPANTS)
        assert Counter(result.value for result in results) == {True: 1, False: PARTICIPANTS - 1}
        assert account(user).points == before + 7
    network.deliver_messages()
    assert network.books_balance()


def written(world: World, message_id: str, body: dict[str, Any]) -> Message:
    """A message that a transaction staged."""
    return atomic(world, lambda ops: outbox.stage(ops, world, outbox.POINTS, message_id, body))


def test_a_code_takes_only_five_guesses_at_once(racing: RaceRunner) -> None:
    network = racing.network
    phone = DEMO_PHONE
    for _ in range(max(1, racing.rounds // 4)):
        network.fake_world.clock.advance(hours=3)
        sent = otp_codes.request_code(network.world, phone, "192.0.2.1")
        key = otp.challenge_key(otp_codes.challenge_ids_of(network.world, phone)[-1])
        challenge = fetch_one(key)
        assert challenge is not None
        right = otp_delivery.code(network.world, challenge)
        wrong = f"{(int(right) + 1) % 1_000_000:06d}"
        guess = {"phone": phone, "public_id": sent.public_id}
        results, _ = racing.race(race_clients.guess, [guess | {"code": wrong}] * PARTICIPANTS)
        assert {result.problem_code for result in results} == {"otp_wrong"}
        tried = fetch_one(key)
        assert tried is not None
        assert tried.guesses[sent.public_id] == 5
        results, _ = racing.race(race_clients.guess, [guess | {"code": right}] * 4)
        assert {result.problem_code for result in results} == {"otp_wrong"}
