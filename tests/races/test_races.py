"""Many at once: one winner, refusals with a name, and books that balance."""

import os
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib.domain.payment_gateway import Outcome, Paid
from chalicelib.domain.rental import RentalState
from chalicelib.gateways.callback_parsing import event_id
from chalicelib.services import outbox
from chalicelib.services.auth import otp as otp_codes
from chalicelib.services.rentals import queries
from chalicelib.services.topups import intents
from chalicelib.tables import otp
from chalicelib.tables.atomic import atomic
from chalicelib.tables.dynamodb import fetch
from chalicelib.tables.outbox import Message
from chalicelib.tables.webhooks import webhook_key
from chalicelib.world import World
from infra.local import cabinet_frames as frames
from infra.local import dynoxide, seed
from infra.local.seed import DEMO_PHONE
from tests.builders import CIVIL, LABIM, account
from tests.races import contestants
from tests.races.track import Track, track
from tests.street import EJECTED

PACKAGES = ("1-hour", "pay-as-you-go")
CROWD, THRONG = 32, 100
ROUNDS = int(os.environ.get("RACE_ROUNDS", "200"))
"""On dynoxide. On moto, whose one lock lets nobody past anybody, a tenth of it."""
pytestmark = [pytest.mark.races, pytest.mark.filterwarnings("default::ResourceWarning")]
ENGINES = [
    "moto",
    pytest.param("dynoxide", marks=pytest.mark.skipif(not dynoxide.found(), reason="dynoxide is not here")),
]


@pytest.fixture(scope="module", params=ENGINES)
def racing(request: pytest.FixtureRequest) -> Iterator[Track]:
    rounds = ROUNDS if request.param == "dynoxide" else max(1, ROUNDS // 10)
    with track(request.param, rounds) as made:
        yield made


def test_thirty_two_starts_by_one_user_give_one_rental(racing: Track) -> None:
    """By a package that holds its price, and by one that holds nothing, in turn."""
    street = racing.street
    for number in range(racing.rounds):
        street.scene.clock.pass_(minutes=1)
        street.hear_snapshot(LABIM)
        user = street.customer()
        session_id = street.sessions[user].session_id
        package = PACKAGES[number % len(PACKAGES)]
        order = {"station_sn": LABIM.sn, "package_id": package, "user_id": user, "session_id": session_id}
        results, ejects = racing.race(contestants.start, [order] * CROWD)
        refused = Counter(result.refused for result in results)
        assert refused[None] == 1, refused
        assert set(refused) <= {None, "rental_open", "station_busy"}, refused
        assert ejects == 1
        winner = next(result.gave for result in results if result.refused is None)
        rental = queries.read(street.world, user, winner)
        street.hear_eject(LABIM, rental.powerbank_sn, EJECTED)
        street.scene.clock.pass_(minutes=1)
        street.hear_return(LABIM, rental.powerbank_sn, slot=rental.station.slot_number)
    street.hear_messages()
    assert street.books_balance()


def test_thirty_two_users_for_one_bank_give_one_rental(racing: Track) -> None:
    street = racing.street
    users = [street.customer() for _ in range(CROWD)]
    last = "40818061"
    for _ in range(racing.rounds):
        street.scene.clock.pass_(minutes=1)
        only_one_bank(racing, last)
        orders = [
            {"station_sn": CIVIL.sn, "user_id": user, "session_id": street.sessions[user].session_id}
            for user in users
        ]
        results, ejects = racing.race(contestants.start, orders)
        refused = Counter(result.refused for result in results)
        assert refused[None] == 1, refused
        assert set(refused) <= {None, "station_busy", "no_powerbank_available"}, refused
        assert ejects == 1
        open_ids = [account(user).open_rental_id for user in users]
        winner = next(user for user, open_id in zip(users, open_ids, strict=True) if open_id)
        rental = queries.read(street.world, winner, open_ids[users.index(winner)] or "")
        assert rental.powerbank_sn == last
        assert rental.state is RentalState.STARTING
        street.hear_eject(CIVIL, last, EJECTED)
        street.scene.clock.pass_(minutes=1)
        street.hear_return(CIVIL, last, slot=1)
    street.hear_messages()
    assert street.books_balance()


def only_one_bank(racing: Track, last: str) -> None:
    """All of Civil Mall's other banks are elsewhere by now."""
    content = [frames.SlotContent(number, last if number == 1 else None, 90) for number in range(1, 9)]
    racing.street.hear(CIVIL, frames.snapshot(content))


def test_everybody_who_asks_about_one_payment_credits_it_once(racing: Track) -> None:
    street = racing.street
    user = street.customer(wallet_paisa=0)
    session_id = street.sessions[user].session_id
    for number in range(racing.rounds):
        before = account(user).wallet_paisa
        caller = street.sessions[user].caller(street.world)
        intent, _ = intents.open_intent(street.world, caller, amount_paisa=50_000, method="khalti", return_url=None)
        orders = [
            {"as": name, "intent_id": intent.intent_id, "user_id": user, "session_id": session_id}
            for name in ("verify", "callback", "look", "verify")
        ] * (CROWD // 4)
        outcome = Outcome(Paid.PAID, f"race-{user}-{number}", 50_000)
        results, _ = racing.race(contestants.anybody, orders, outcome)
        assert {result.refused for result in results} == {None}
        assert account(user).wallet_paisa == before + 50_000
    street.hear_messages()
    assert street.books_balance()


def test_a_hundred_who_verify_sweep_and_call_back_credit_one_payment_once(racing: Track) -> None:
    street = racing.street
    user = street.customer(wallet_paisa=0)
    session_id = street.sessions[user].session_id
    for number in range(max(2, racing.rounds // 10)):
        before = account(user).wallet_paisa
        caller = street.sessions[user].caller(street.world)
        intent, _ = intents.open_intent(street.world, caller, amount_paisa=50_000, method="khalti", return_url=None)
        pidx = f"ref-{intent.order_ref}"
        about = {
            "intent_id": intent.intent_id,
            "user_id": user,
            "session_id": session_id,
            "pidx": pidx,
            "message_id": f"khalti#{event_id(pidx, '', '', '')}",
        }
        orders = [{"as": name, **about} for name in ("verify", "webhook", "look", "webhook")] * (THRONG // 4)
        outcome = Outcome(Paid.PAID, f"throng-{user}-{number}", 50_000)
        results, _ = racing.race(contestants.anybody, orders, outcome)
        assert Counter(result.refused for result in results) == {None: THRONG}
        assert account(user).wallet_paisa == before + 50_000
        kept = fetch(webhook_key(about["message_id"]))[webhook_key(about["message_id"])]
        assert kept is not None
        assert kept.intent_id == intent.intent_id
    street.hear_messages()
    assert street.books_balance()


def test_a_due_is_paid_once(racing: Track) -> None:
    street = racing.street
    for _ in range(max(1, racing.rounds // 4)):
        street.scene.clock.pass_(minutes=1)
        street.hear_snapshot(LABIM)
        user = street.customer(wallet_paisa=2_000)
        rental = street.rented(user)
        street.scene.clock.pass_(hours=3)
        street.hear_return(LABIM, rental.powerbank_sn, slot=rental.station.slot_number)
        owed = account(user).due_paisa
        seed.fill_wallet(street.world, user, 100_000)
        order = {
            "rental_id": rental.rental_id,
            "user_id": user,
            "session_id": street.sessions[user].session_id,
        }
        before = account(user)
        results, _ = racing.race(contestants.pay_due, [order] * CROWD)
        refused = Counter(result.refused for result in results)
        assert refused == {None: 1, "nothing_due": CROWD - 1}
        after = account(user)
        spent = before.wallet_paisa - after.wallet_paisa + (before.points - after.points) * 10
        assert (spent, after.due_paisa) == (owed, 0)
    street.hear_messages()
    assert street.books_balance()


def test_points_heard_many_times_at_once_are_given_once(racing: Track) -> None:
    street = racing.street
    user = street.customer(wallet_paisa=0)
    for number in range(racing.rounds):
        before = account(user).points
        body = {"user_id": user, "points": 7, "source": "race"}
        message = written(street.world, f"points:race:{user}:{number}", body)
        results, _ = racing.race(contestants.award, [message.body] * CROWD)
        assert Counter(result.gave for result in results) == {True: 1, False: CROWD - 1}
        assert account(user).points == before + 7
    street.hear_messages()
    assert street.books_balance()


def written(world: World, message_id: str, body: dict[str, Any]) -> Message:
    """A message on record, as a verb would leave it."""
    return atomic(world, lambda ops: outbox.write(ops, world, outbox.POINTS, message_id, body))


def test_five_guesses_at_a_code_are_all_there_are(racing: Track) -> None:
    street = racing.street
    phone = DEMO_PHONE
    for _ in range(max(1, racing.rounds // 4)):
        street.scene.clock.pass_(hours=3)
        sent = otp_codes.ask(street.world, phone, "192.0.2.1")
        key = otp.challenge_key(sent.challenge_id)
        challenge = fetch(key)[key]
        assert challenge is not None
        right = otp_codes.code(street.world, challenge)
        wrong = f"{(int(right) + 1) % 1_000_000:06d}"
        results, _ = racing.race(contestants.guess, [{"phone": phone, "code": wrong}] * CROWD)
        assert {result.refused for result in results} == {"otp_wrong"}
        tried = fetch(key)[key]
        assert tried is not None
        assert tried.tries_count == 5
        results, _ = racing.race(contestants.guess, [{"phone": phone, "code": right}] * 4)
        assert {result.refused for result in results} == {"otp_wrong"}
