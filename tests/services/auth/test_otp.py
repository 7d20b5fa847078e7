"""Codes by SMS: their limits, their tries, their delivery, and that no table, queue or log holds them."""

import json

import pytest

from chalicelib.domain.problems.problems import Problem
from chalicelib.services import outbox
from chalicelib.services.auth import otp, otp_delivery
from chalicelib.world import Rejected, Unavailable, World
from tests.world.fake_world import FakeWorld
from tests.world.real_tables import all_rows

PHONE, OTHER_PHONE = "+9779841234567", "+9779841234568"
CLIENT_ADDRESS = "192.0.2.1"


def deliver_codes(fake_world: FakeWorld, world: World) -> list[str]:
    """Run the queue's consumer. Returns the codes sent by either channel."""
    sms_before, mails_before = len(fake_world.sms.sent), len(fake_world.mail.sent)
    for body in fake_world.queues.take(outbox.OTP):
        otp_delivery.deliver(world, body)
    return [text[:6] for *_, text in [*fake_world.sms.sent[sms_before:], *fake_world.mail.sent[mails_before:]]]


def code_for(fake_world: FakeWorld, world: World, identifier: str = PHONE) -> str:
    otp.request_code(world, identifier, CLIENT_ADDRESS)
    return deliver_codes(fake_world, world)[0]


def wrong_code(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


def test_the_sms_is_in_the_language_of_the_request(fake_world: FakeWorld, world: World) -> None:
    otp.request_code(world, PHONE, CLIENT_ADDRESS, language="ne")
    otp.request_code(world, OTHER_PHONE, CLIENT_ADDRESS)
    deliver_codes(fake_world, world)
    texts = dict(fake_world.sms.sent)
    assert texts[PHONE][6:] == " तपाईंको Bijuli कोड हो। ५ मिनेट चल्छ। कसैलाई नदिनुहोस्।"
    assert texts[OTHER_PHONE][6:] == " is your Bijuli code. It works for 5 minutes. Never share it, not even with us."


@pytest.mark.parametrize(
    "spelling",
    [
        "9841234567",
        "+977 984-1234567",
        "00977 9841234567",
        "०९८४१२३४५६७",
        "９８４１２３４５６７",
        " 977.984.123.4567 ",
    ],
)
def test_every_spelling_of_a_phone_number_is_the_same_number(
    fake_world: FakeWorld, world: World, spelling: str
) -> None:
    assert otp.request_code(world, spelling, CLIENT_ADDRESS).identifier == PHONE


@pytest.mark.parametrize(
    "spelling", ["", "12345", "+919841234567", "9731234567", "984123456", "abc", "a@b", "a b@c.example"]
)
def test_text_that_is_no_identifier_is_refused(world: World, spelling: str) -> None:
    with pytest.raises(Problem, match="invalid_input"):
        otp.request_code(world, spelling, CLIENT_ADDRESS)


def test_the_right_code_verifies_the_number_once(fake_world: FakeWorld, world: World) -> None:
    code = code_for(fake_world, world)
    assert otp.verify(world, PHONE, code, None).purpose == "register"
    with pytest.raises(Problem, match="otp_wrong"):
        otp.verify(world, PHONE, code, None)


@pytest.mark.parametrize("digits", ["०१२३४५६७८९", "０１２３４５６７８９"])
def test_a_code_may_be_typed_in_any_digits(fake_world: FakeWorld, world: World, digits: str) -> None:
    typed_code = code_for(fake_world, world).translate({ord("0") + n: digits[n] for n in range(10)})
    assert otp.verify(world, PHONE, typed_code, None).token


@pytest.mark.parametrize("between", [" ", "-", "\u2011", "\u200b", "\u00a0", "."])
def test_a_code_may_be_typed_in_groups(fake_world: FakeWorld, world: World, between: str) -> None:
    code = code_for(fake_world, world)
    assert otp.verify(world, PHONE, f"\u200e{code[:3]}{between}{code[3:]}", None).token


@pytest.mark.parametrize("with_id", [True, False])
def test_the_guess_after_the_last_allowed_one_is_refused(fake_world: FakeWorld, world: World, with_id: bool) -> None:
    public_id = otp.request_code(world, PHONE, CLIENT_ADDRESS).public_id if with_id else None
    code = deliver_codes(fake_world, world)[0] if with_id else code_for(fake_world, world)
    for _ in range(5 if with_id else 3):
        with pytest.raises(Problem, match="otp_wrong"):
            otp.verify(world, PHONE, wrong_code(code), public_id)
    with pytest.raises(Problem, match="otp_wrong"):
        otp.verify(world, PHONE, code, public_id)


def test_a_resend_changes_the_code_and_gives_no_new_guesses(fake_world: FakeWorld, world: World) -> None:
    public_id = otp.request_code(world, PHONE, CLIENT_ADDRESS).public_id
    (first,) = deliver_codes(fake_world, world)
    for _ in range(4):
        with pytest.raises(Problem):
            otp.verify(world, PHONE, wrong_code(first), public_id)
    fake_world.clock.advance(seconds=61)
    assert otp.request_code(world, PHONE, CLIENT_ADDRESS).public_id == public_id
    (second,) = deliver_codes(fake_world, world)
    assert second != first
    with pytest.raises(Problem, match="otp_wrong"):
        otp.verify(world, PHONE, first, public_id)
    with pytest.raises(Problem, match="otp_wrong"):
        otp.verify(world, PHONE, second, public_id)


def test_a_code_expires_after_five_minutes(fake_world: FakeWorld, world: World) -> None:
    code = code_for(fake_world, world)
    fake_world.clock.advance(minutes=5)
    with pytest.raises(Problem, match="otp_wrong"):
        otp.verify(world, PHONE, code, None)


def test_a_code_works_for_its_number_only(fake_world: FakeWorld, world: World) -> None:
    code = code_for(fake_world, world)
    other_id = otp.request_code(world, OTHER_PHONE, CLIENT_ADDRESS).public_id
    for public_id in (None, other_id):
        with pytest.raises(Problem, match="otp_wrong"):
            otp.verify(world, OTHER_PHONE, code, public_id)


def test_the_code_is_in_no_table_queue_or_log(
    fake_world: FakeWorld, world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    otp.request_code(world, PHONE, CLIENT_ADDRESS)
    queue_text = json.dumps([list(bodies) for bodies in fake_world.queues.sent.values()])
    table_text = json.dumps(all_rows())
    code = deliver_codes(fake_world, world)[0]
    log_text = capsys.readouterr().out
    assert code not in queue_text
    assert PHONE not in queue_text
    assert code not in table_text
    assert code not in log_text
    assert PHONE[4:] not in log_text


def test_an_unavailable_provider_is_reported_and_loses_no_message(fake_world: FakeWorld, world: World) -> None:
    fake_world.sms.fails = Unavailable("sparrow")
    for phone in (PHONE, "+9779841234571", "+9779841234572"):
        otp.request_code(world, phone, CLIENT_ADDRESS)
    body, *others = fake_world.queues.take(outbox.OTP)
    for message in (body, *others):
        with pytest.raises(Unavailable):
            otp_delivery.deliver(world, message)
    before = all_rows()
    with pytest.raises(Problem, match="sms_unavailable") as refusal:
        otp.request_code(world, OTHER_PHONE, CLIENT_ADDRESS)
    assert refusal.value.retry_after_seconds
    assert all_rows() == before
    fake_world.sms.fails = None
    otp_delivery.deliver(world, body)
    assert [to for to, _ in fake_world.sms.sent] == [PHONE]
    assert otp.request_code(world, OTHER_PHONE, CLIENT_ADDRESS).identifier == OTHER_PHONE


def test_a_message_delivered_twice_sends_one_sms(fake_world: FakeWorld, world: World) -> None:
    otp.request_code(world, PHONE, CLIENT_ADDRESS)
    body = fake_world.queues.take(outbox.OTP)[0]
    otp_delivery.deliver(world, body)
    otp_delivery.deliver(world, body)
    assert len(fake_world.sms.sent) == 1


def test_a_rejected_number_is_not_tried_again(fake_world: FakeWorld, world: World) -> None:
    fake_world.sms.fails = Rejected("1007")
    otp.request_code(world, PHONE, CLIENT_ADDRESS)
    otp_delivery.deliver(world, fake_world.queues.take(outbox.OTP)[0])
    fake_world.clock.advance(minutes=10)
    assert outbox.sweep(world) == 0


def test_the_sweep_resends_after_an_unavailable_queue(fake_world: FakeWorld, world: World) -> None:
    fake_world.queues.unavailable = True
    otp.request_code(world, PHONE, CLIENT_ADDRESS)
    fake_world.queues.unavailable = False
    fake_world.clock.advance(seconds=61)
    assert outbox.sweep(world) == 1
    assert len(deliver_codes(fake_world, world)) == 1


def test_a_stale_code_is_not_sent(fake_world: FakeWorld, world: World) -> None:
    otp.request_code(world, PHONE, CLIENT_ADDRESS)
    fake_world.clock.advance(minutes=6)
    assert deliver_codes(fake_world, world) == []
