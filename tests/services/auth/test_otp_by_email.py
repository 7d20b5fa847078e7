"""Codes by email: the same limits as by SMS, with a backoff of their own."""

import json
from contextlib import suppress

import pytest

from chalicelib.domain.problems.problems import Problem
from chalicelib.services import outbox
from chalicelib.services.auth import otp as otp_codes
from chalicelib.services.auth import otp_delivery
from chalicelib.world import OutcomeUnknown, Rejected, Unavailable, World
from tests.engines.counting import Counted, counted
from tests.services.auth.sign_in_steps import register
from tests.services.auth.test_otp import CLIENT_ADDRESS, OTHER_PHONE, PHONE, wrong_code
from tests.world.fake_world import FakeWorld
from tests.world.real_tables import all_rows

EMAIL, ANOTHER = "sita@example.com", "gita@example.com"


def deliver(fake_world: FakeWorld, world: World) -> list[tuple[str, str]]:
    """Run the queue's consumer. Returns the receivers of the mails and their codes."""
    before = len(fake_world.mail.sent)
    for body in fake_world.queues.take(outbox.OTP):
        otp_delivery.deliver(world, body)
    return [(to, text[:6]) for to, _, text in fake_world.mail.sent[before:]]


def code_for(fake_world: FakeWorld, world: World, email: str = EMAIL) -> str:
    otp_codes.request_code(world, email, CLIENT_ADDRESS)
    return deliver(fake_world, world)[0][1]


@pytest.mark.parametrize("written", ["sita@example.com", " Sita@Example.COM ", "ｓｉｔａ＠example.com"])
def test_every_spelling_of_an_email_address_is_the_same_address(
    fake_world: FakeWorld, world: World, written: str
) -> None:
    assert otp_codes.request_code(world, written, CLIENT_ADDRESS).identifier == EMAIL
    assert [to for to, _ in deliver(fake_world, world)] == [EMAIL]
    assert fake_world.sms.sent == []


def test_the_code_in_the_mail_verifies_the_address_once(fake_world: FakeWorld, world: World) -> None:
    code = code_for(fake_world, world)
    assert otp_codes.verify(world, "SITA@example.com", code, None).purpose == "register"
    with pytest.raises(Problem, match="otp_wrong"):
        otp_codes.verify(world, EMAIL, code, None)


def test_the_mail_is_in_the_language_of_the_request(fake_world: FakeWorld, world: World) -> None:
    otp_codes.request_code(world, EMAIL, CLIENT_ADDRESS, language="ne")
    otp_codes.request_code(world, ANOTHER, CLIENT_ADDRESS, language="en")
    deliver(fake_world, world)
    mails = {to: (subject, text) for to, subject, text in fake_world.mail.sent}
    assert mails[EMAIL][0] == "तपाईंको Bijuli कोड"
    assert "यो ५ मिनेट चल्छ।" in mails[EMAIL][1]
    assert mails[ANOTHER][0] == "Your Bijuli code"
    assert "It works for 5 minutes." in mails[ANOTHER][1]


def test_the_mail_is_short_and_ascii(fake_world: FakeWorld, world: World) -> None:
    code_for(fake_world, world)
    ((_, subject, text),) = fake_world.mail.sent
    assert (subject + text).isascii()
    assert len(text) < 170


def test_a_code_for_an_address_does_not_verify_a_number(fake_world: FakeWorld, world: World) -> None:
    code = code_for(fake_world, world)
    otp_codes.request_code(world, PHONE, CLIENT_ADDRESS)
    with pytest.raises(Problem, match="otp_wrong"):
        otp_codes.verify(world, PHONE, code, None)
    token = otp_codes.verify(world, EMAIL, code, None).token
    with pytest.raises(Problem, match="verification_token_invalid"):
        otp_codes.require_verified(world, PHONE, token, "register")


def test_a_resend_by_mail_gives_no_new_guesses(fake_world: FakeWorld, world: World) -> None:
    public_id = otp_codes.request_code(world, EMAIL, CLIENT_ADDRESS).public_id
    code = deliver(fake_world, world)[0][1]
    for _ in range(5):
        with pytest.raises(Problem, match="otp_wrong"):
            otp_codes.verify(world, EMAIL, wrong_code(code), public_id)
    fake_world.clock.advance(seconds=61)
    with pytest.raises(Problem, match="otp_limit_reached"):
        otp_codes.request_code(world, EMAIL, CLIENT_ADDRESS)
    with pytest.raises(Problem, match="otp_wrong"):
        otp_codes.verify(world, EMAIL, code, public_id)


def test_limits_hold_for_every_spelling_of_an_address(fake_world: FakeWorld, world: World) -> None:
    asked_times = []
    for turn in range(60):
        with suppress(Problem):
            otp_codes.request_code(world, EMAIL if turn % 2 else EMAIL.upper(), CLIENT_ADDRESS)
            asked_times.append(fake_world.clock.now())
        fake_world.clock.advance(minutes=10)
    assert len(asked_times) == 10
    for at in asked_times:
        assert sum(0 <= (other - at).total_seconds() < 3600 for other in asked_times) <= 5


def test_network_and_total_limits_count_both_channels(fake_world: FakeWorld, world: World) -> None:
    fake_world.settings = fake_world.settings.changed({"otp_per_address_hour": 2, "otp_total_hour": 3})
    otp_codes.request_code(world, PHONE, CLIENT_ADDRESS)
    otp_codes.request_code(world, EMAIL, CLIENT_ADDRESS)
    before = all_rows()
    for identifier in (OTHER_PHONE, ANOTHER):
        with pytest.raises(Problem, match="otp_limit_reached"):
            otp_codes.request_code(world, identifier, CLIENT_ADDRESS)
    assert all_rows() == before
    otp_codes.request_code(world, ANOTHER, "192.0.2.2")
    for identifier in (OTHER_PHONE, "third@example.com"):
        with pytest.raises(Problem, match="otp_limit_reached"):
            otp_codes.request_code(world, identifier, "192.0.2.3")


@pytest.mark.parametrize("fault", [Unavailable("ses"), OutcomeUnknown("ses")])
def test_unavailable_mail_backs_off_and_sms_continues(fake_world: FakeWorld, world: World, fault: Exception) -> None:
    fake_world.mail.fails = fault
    for email in (EMAIL, "second@example.com", "third@example.com"):
        otp_codes.request_code(world, email, CLIENT_ADDRESS)
    body, *others = fake_world.queues.take(outbox.OTP)
    for message in (body, *others):
        with pytest.raises(type(fault)):
            otp_delivery.deliver(world, message)
    before = all_rows()
    with pytest.raises(Problem, match="email_unavailable") as refusal:
        otp_codes.request_code(world, ANOTHER, CLIENT_ADDRESS)
    assert refusal.value.retry_after_seconds
    assert all_rows() == before
    assert otp_codes.request_code(world, PHONE, CLIENT_ADDRESS).identifier == PHONE
    fake_world.mail.fails = None
    otp_delivery.deliver(world, body)
    assert [to for to, _, _ in fake_world.mail.sent] == [EMAIL]
    assert otp_codes.request_code(world, ANOTHER, CLIENT_ADDRESS).identifier == ANOTHER


def test_a_rejected_address_is_not_retried_and_causes_no_backoff(fake_world: FakeWorld, world: World) -> None:
    fake_world.mail.fails = Rejected("MessageRejected")
    otp_codes.request_code(world, EMAIL, CLIENT_ADDRESS)
    otp_delivery.deliver(world, fake_world.queues.take(outbox.OTP)[0])
    fake_world.clock.advance(minutes=10)
    assert outbox.sweep(world) == 0
    assert otp_codes.request_code(world, ANOTHER, CLIENT_ADDRESS).identifier == ANOTHER


def test_a_message_delivered_twice_sends_one_mail(fake_world: FakeWorld, world: World) -> None:
    otp_codes.request_code(world, EMAIL, CLIENT_ADDRESS)
    body = fake_world.queues.take(outbox.OTP)[0]
    otp_delivery.deliver(world, body)
    otp_delivery.deliver(world, body)
    assert len(fake_world.mail.sent) == 1


def test_code_and_address_are_in_no_queue_and_no_log(
    fake_world: FakeWorld, world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    otp_codes.request_code(world, EMAIL, CLIENT_ADDRESS)
    queued = json.dumps([list(bodies) for bodies in fake_world.queues.sent.values()])
    code = deliver(fake_world, world)[0][1]
    text = capsys.readouterr().out
    assert [secret for secret in (EMAIL, code) if secret in queued + text] == []
    assert code not in json.dumps(all_rows())


@pytest.mark.parametrize(("known", "unknown"), [(PHONE, OTHER_PHONE), (EMAIL, ANOTHER)])
def test_known_and_unknown_addresses_cost_the_same_work(
    fake_world: FakeWorld, world: World, known: str, unknown: str
) -> None:
    register(fake_world, world, identifier=known)
    fake_world.clock.advance(days=2)
    calls: list[list[str]] = []
    answers: list[set[str]] = []
    for identifier in (known, unknown):
        with counted() as counts:
            answers.append(set(vars(otp_codes.request_code(world, identifier, CLIENT_ADDRESS))))
        calls.append(counts.calls)
        code = [text[:6] for _, text in texts(fake_world, world)][-1]
        for guess in (wrong_code(code), code):
            with counted() as counts, suppress(Problem):
                otp_codes.verify(world, identifier, guess, None)
            calls.append(counts.calls)
    assert answers[0] == answers[1]
    assert calls[:3] == calls[3:]
    assert calls[0] == ["BatchGetItem", "BatchGetItem", "TransactWriteItems"]


def test_a_guess_without_a_challenge_costs_the_same_work(fake_world: FakeWorld, world: World) -> None:
    code_for(fake_world, world)
    before = all_rows()
    assert guessed(world, ANOTHER).calls == guessed(world, EMAIL, "another challenge").calls
    assert all_rows() == before
    assert guessed(world, EMAIL).calls == guessed(world, ANOTHER).calls


def guessed(world: World, identifier: str, public_id: str | None = None) -> Counted:
    with counted() as counts, pytest.raises(Problem, match="otp_wrong"):
        otp_codes.verify(world, identifier, "000000", public_id)
    return counts


def texts(fake_world: FakeWorld, world: World) -> list[tuple[str, str]]:
    for body in fake_world.queues.take(outbox.OTP):
        otp_delivery.deliver(world, body)
    return fake_world.sms.sent + [(to, text) for to, _, text in fake_world.mail.sent]
