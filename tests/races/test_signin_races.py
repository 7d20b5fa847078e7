"""Concurrent sign-ins: a code takes five guesses, a user has ten devices, an address has one user."""

from collections import Counter

import pytest

from chalicelib.domain.auth.otp import Challenge, ChallengeState
from chalicelib.services.auth import identifier_keys, otp_delivery
from chalicelib.services.auth import otp as otp_codes
from chalicelib.tables import identities, otp, sessions, users
from chalicelib.tables.atomic import atomic
from chalicelib.tables.dynamodb import fetch_many, fetch_one
from tests.races import race_clients
from tests.races.race_runner import RaceRunner
from tests.races.test_races import PARTICIPANTS, pytestmark, racing
from tests.world.builders import account

__all__ = ["pytestmark", "racing"]
CODES, TRIES, RACES = 20, 5, 5


def test_ten_thousand_guesses_at_twenty_codes_are_five_comparisons_each(racing: RaceRunner) -> None:
    """Ten thousand in a full run, fewer with fewer rounds; at every other code, some of them are right."""
    network = racing.network
    network.fake_world.clock.advance(days=2)
    each = max(2 * TRIES, racing.rounds * 5 // 2)
    codes = [new_code(racing, f"guessed{number}@example.com") for number in range(CODES)]
    guesses = [
        (user_id, public_id, right if number % 2 and step % 4 == 3 else f"{(int(right) + 1 + step) % 1_000_000:06d}")
        for step in range(each)
        for number, (user_id, public_id, right) in enumerate(codes)
    ]
    proved: Counter[str] = Counter()
    for number_of_race in range(RACES):
        orders = [{"guesses": guesses[number_of_race::RACES][number::PARTICIPANTS]} for number in range(PARTICIPANTS)]
        results, _ = racing.race(race_clients.guess_many, orders)
        assert {result.problem_code for result in results} == {None}
        proved.update(who for result in results for who in result.value)
    assert 0 < len(proved) <= CODES // 2
    assert set(proved.values()) == {1}
    for user_id, public_id, _ in codes:
        (challenge,) = fetch_many(
            [otp.challenge_key(item) for item in otp_codes.challenge_ids_of(network.world, user_id)]
        )
        assert 1 <= challenge.guesses[public_id] <= TRIES
        assert (challenge.state is ChallengeState.VERIFIED) is (user_id in proved)
        assert challenge.guesses[public_id] == TRIES or user_id in proved


@pytest.mark.parametrize("identifier", ["+9779842000001", "requested@example.com"])
def test_thirty_two_requests_of_one_address_for_one_identifier_send_one_code(
    racing: RaceRunner, identifier: str
) -> None:
    racing.network.fake_world.clock.advance(days=2)
    orders = [{"identifier": identifier, "address": identifier}] * PARTICIPANTS
    results, _ = racing.race(race_clients.request_code, orders)
    assert Counter(result.problem_code for result in results) == {None: 1, "otp_resend_too_soon": PARTICIPANTS - 1}


@pytest.mark.parametrize("identifier", ["+9779842000002", "wanted@example.com"])
def test_requests_of_many_addresses_for_one_identifier_send_only_the_wider_limit(
    racing: RaceRunner, identifier: str
) -> None:
    racing.network.fake_world.clock.advance(days=2)
    allowed = racing.network.world.settings().otp_all_addresses_hour
    orders = [{"identifier": identifier, "address": f"{identifier} {number}"} for number in range(PARTICIPANTS)]
    results, _ = racing.race(race_clients.request_code, orders)
    counts = Counter(result.problem_code for result in results)
    assert counts[None] == allowed < PARTICIPANTS
    assert set(counts) <= {None, "otp_limit_reached", "busy"}


def test_requests_from_one_ip_address_send_only_the_hours_limit_of_codes(racing: RaceRunner) -> None:
    racing.network.fake_world.clock.advance(days=2)
    allowed = racing.network.world.settings().otp_per_address_hour
    orders = [
        {"identifier": f"many{number}@example.com" if number % 2 else f"+97798430{number:05d}", "address": "one"}
        for number in range(allowed + PARTICIPANTS)
    ]
    results, _ = racing.race(race_clients.request_code, orders)
    assert Counter(result.problem_code for result in results) == {None: allowed, "otp_limit_reached": PARTICIPANTS}


def new_code(racing: RaceRunner, user_id: str) -> tuple[str, str, str]:
    """Request a code from a network address of its own. Returns the user, the public id and the code."""
    world = racing.network.world
    sent = otp_codes.request_code(world, user_id, f"for {user_id}")
    challenge = fetch_one(otp.challenge_key(otp_codes.challenge_ids_of(world, user_id)[-1]))
    assert challenge is not None
    return user_id, sent.public_id, otp_delivery.code(world, challenge)


def token(racing: RaceRunner, identifier: str, purpose: str) -> str:
    """A proof, as if its code had been guessed right just now."""
    world = racing.network.world
    key, until = identifier_keys.identifier_key(world, identifier), world.now().replace(year=world.now().year + 1)
    challenge = Challenge(world.new_id(), identifier, key, "", until, state=ChallengeState.VERIFIED)
    atomic(world, lambda ops: otp.save(ops, challenge))
    claims = {"jti": challenge.challenge_id, "sub": key, "purpose": purpose}
    return world.tokens.sign(claims, audience=otp_codes.VERIFICATION, until=until)


def test_thirty_two_sign_ins_at_once_leave_ten_devices(racing: RaceRunner) -> None:
    network = racing.network
    for _ in range(max(1, racing.rounds // 20)):
        network.fake_world.clock.advance(minutes=1)
        user_id = network.customer()
        user = fetch_one(users.user_key(user_id))
        assert user is not None
        assert user.phone is not None
        orders = [
            {"identifier": user.phone, "token": token(racing, user.phone, "login")} for _ in range(PARTICIPANTS)
        ]
        results, _ = racing.race(race_clients.login, orders)
        # A participant that loses ten times in a row gets `busy`.
        assert {result.problem_code for result in results} <= {None, "busy"}
        began = [sessions.session_key(result.value) for result in results if result.problem_code is None]
        assert began
        before = sessions.session_key(network.sessions[user_id].session_id)
        active_sessions = fetch_one(sessions.active_sessions_key(user_id))
        assert active_sessions is not None
        live = [
            session.session_id
            for session in fetch_many([before, *began])
            if session.is_live(account(user_id), network.world.now())
        ]
        assert set(live) == active_sessions.session_ids
        assert len(live) == min(10, len(began) + 1)


def test_one_of_thirty_two_users_gets_the_address_that_all_proved(racing: RaceRunner) -> None:
    network = racing.network
    customers = [network.customer() for _ in range(PARTICIPANTS)]
    phones = {user.user_id: user.phone for user in fetch_many([users.user_key(item) for item in customers])}
    for number in range(max(1, racing.rounds // 20)):
        network.fake_world.clock.advance(minutes=1)
        email = f"wanted{racing.rounds}.{number}@example.com"
        orders = [
            {
                "user_id": user_id,
                "session_id": network.sessions[user_id].session_id,
                "email": email,
                "proved": token(racing, phones[user_id] or "", "login"),
                "new": token(racing, email, "register"),
            }
            for user_id in customers
        ]
        results, _ = racing.race(race_clients.change_email, orders)
        assert Counter(result.problem_code for result in results) == {None: 1, "already_registered": PARTICIPANTS - 1}
        owner = fetch_one(identities.identity_key("email", identifier_keys.identifier_key(network.world, email)))
        having = [
            user.user_id for user in fetch_many([users.user_key(item) for item in customers]) if user.email == email
        ]
        assert having == [owner]
    network.deliver_messages()
    assert network.books_balance()
