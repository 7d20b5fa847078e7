"""Codes by SMS: limits nobody gets round, five guesses, one winner, and no trace of the code anywhere."""

import json
from contextlib import suppress

import pytest

from chalicelib.domain.problems import Problem
from chalicelib.services import outbox
from chalicelib.services.auth import otp
from chalicelib.world import Away, Refused, World
from tests.doors import everything
from tests.fake_world import Scene

PHONE, OTHER = "+9779841234567", "+9779841234568"
HERE = "192.0.2.1"


def deliver(scene: Scene, world: World) -> list[str]:
    """Run the queue's consumer; the codes that went out, by whichever channel."""
    texts, mails = len(scene.sms.sent), len(scene.mail.sent)
    for body in scene.queues.take(outbox.OTP):
        otp.deliver(world, body)
    return [text[:6] for *_, text in [*scene.sms.sent[texts:], *scene.mail.sent[mails:]]]


def code_for(scene: Scene, world: World, identifier: str = PHONE) -> str:
    otp.ask(world, identifier, HERE)
    return deliver(scene, world)[0]


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


@pytest.mark.parametrize(
    "written",
    [
        "9841234567",
        "+977 984-1234567",
        "00977 9841234567",
        "०९८४१२३४५६७",
        "９８４１２３４５６７",
        " 977.984.123.4567 ",
    ],
)
def test_a_number_is_one_number_however_it_is_written(scene: Scene, world: World, written: str) -> None:
    assert otp.ask(world, written, HERE).identifier == PHONE


@pytest.mark.parametrize(
    "written", ["", "12345", "+919841234567", "9731234567", "984123456", "abc", "a@b", "a b@c.example"]
)
def test_what_is_neither_number_nor_address_is_refused(world: World, written: str) -> None:
    with pytest.raises(Problem, match="invalid_input"):
        otp.ask(world, written, HERE)


def test_the_right_code_proves_the_number_once(scene: Scene, world: World) -> None:
    code = code_for(scene, world)
    assert otp.verify(world, PHONE, code, None).purpose == "register"
    with pytest.raises(Problem, match="otp_wrong"):
        otp.verify(world, PHONE, code, None)


@pytest.mark.parametrize("digits", ["०१२३४५६७८९", "０１２３４５６７８９"])
def test_a_code_may_be_typed_in_any_digits(scene: Scene, world: World, digits: str) -> None:
    typed = code_for(scene, world).translate({ord("0") + n: digits[n] for n in range(10)})
    assert otp.verify(world, PHONE, typed, None).token


def test_five_guesses_are_all_there_are(scene: Scene, world: World) -> None:
    code = code_for(scene, world)
    for _ in range(5):
        with pytest.raises(Problem, match="otp_wrong"):
            otp.verify(world, PHONE, wrong(code), None)
    with pytest.raises(Problem, match="otp_wrong"):
        otp.verify(world, PHONE, code, None)


def test_a_resend_makes_another_code_and_gives_no_new_guesses(scene: Scene, world: World) -> None:
    first = code_for(scene, world)
    for _ in range(4):
        with pytest.raises(Problem):
            otp.verify(world, PHONE, wrong(first), None)
    scene.clock.pass_(seconds=61)
    second = code_for(scene, world)
    assert second != first
    with pytest.raises(Problem, match="otp_wrong"):
        otp.verify(world, PHONE, first, None)
    with pytest.raises(Problem, match="otp_wrong"):
        otp.verify(world, PHONE, second, None)


def test_a_code_lives_five_minutes(scene: Scene, world: World) -> None:
    code = code_for(scene, world)
    scene.clock.pass_(minutes=5)
    with pytest.raises(Problem, match="otp_wrong"):
        otp.verify(world, PHONE, code, None)


def test_a_code_for_one_number_is_none_for_another(scene: Scene, world: World) -> None:
    code = code_for(scene, world)
    challenge_id = otp.ask(world, OTHER, HERE).challenge_id
    for challenge in (None, challenge_id):
        with pytest.raises(Problem, match="otp_wrong"):
            otp.verify(world, OTHER, code, challenge)


def test_a_resend_waits_a_minute_and_a_refusal_counts_nothing(scene: Scene, world: World) -> None:
    otp.ask(world, PHONE, HERE)
    before = everything()
    with pytest.raises(Problem, match="otp_resend_too_soon") as refusal:
        otp.ask(world, PHONE, HERE)
    assert refusal.value.retry_after_seconds == 60
    assert everything() == before


def test_five_an_hour_and_ten_a_day(scene: Scene, world: World) -> None:
    asked = []
    for _ in range(60):
        with suppress(Problem):
            otp.ask(world, PHONE, HERE)
            asked.append(scene.clock.now())
        scene.clock.pass_(minutes=10)
    assert len(asked) == 10
    for at in asked:
        assert sum(0 <= (other - at).total_seconds() < 3600 for other in asked) <= 5


def test_one_address_gets_so_many_and_all_together_so_many(scene: Scene, world: World) -> None:
    scene.settings = scene.settings.changed({"otp_per_address_hour": 2, "otp_total_hour": 3})
    phones = [f"+97798412345{number:02d}" for number in range(5)]
    otp.ask(world, phones[0], HERE)
    otp.ask(world, phones[1], HERE)
    with pytest.raises(Problem, match="otp_limit_reached"):
        otp.ask(world, phones[2], HERE)
    otp.ask(world, phones[2], "192.0.2.2")
    with pytest.raises(Problem, match="otp_limit_reached"):
        otp.ask(world, phones[3], "192.0.2.3")


def test_the_code_is_in_no_table_queue_or_log(scene: Scene, world: World, capsys: pytest.CaptureFixture[str]) -> None:
    otp.ask(world, PHONE, HERE)
    queued = json.dumps([list(bodies) for bodies in scene.queues.sent.values()])
    tables = json.dumps(everything())
    code = deliver(scene, world)[0]
    told = capsys.readouterr().out
    assert code not in queued
    assert PHONE not in queued
    assert code not in tables
    assert code not in told
    assert PHONE[4:] not in told


def test_a_provider_that_is_away_is_told_to_everybody_and_nothing_is_lost(scene: Scene, world: World) -> None:
    scene.sms.fails = Away("sparrow")
    otp.ask(world, PHONE, HERE)
    body = scene.queues.take(outbox.OTP)[0]
    with pytest.raises(Away):
        otp.deliver(world, body)
    before = everything()
    with pytest.raises(Problem, match="sms_unavailable") as refusal:
        otp.ask(world, OTHER, HERE)
    assert refusal.value.retry_after_seconds
    assert everything() == before
    scene.sms.fails = None
    otp.deliver(world, body)
    assert [to for to, _ in scene.sms.sent] == [PHONE]
    assert otp.ask(world, OTHER, HERE).identifier == OTHER


def test_a_message_heard_twice_is_one_text(scene: Scene, world: World) -> None:
    otp.ask(world, PHONE, HERE)
    body = scene.queues.take(outbox.OTP)[0]
    otp.deliver(world, body)
    otp.deliver(world, body)
    assert len(scene.sms.sent) == 1


def test_a_number_that_never_will_do_is_not_tried_again(scene: Scene, world: World) -> None:
    scene.sms.fails = Refused("1007")
    otp.ask(world, PHONE, HERE)
    otp.deliver(world, scene.queues.take(outbox.OTP)[0])
    scene.clock.pass_(minutes=10)
    assert outbox.sweep(world) == 0


def test_a_queue_that_is_away_is_made_up_for_by_the_sweep(scene: Scene, world: World) -> None:
    scene.queues.away = True
    otp.ask(world, PHONE, HERE)
    scene.queues.away = False
    scene.clock.pass_(seconds=61)
    assert outbox.sweep(world) == 1
    assert len(deliver(scene, world)) == 1


def test_a_text_that_comes_too_late_is_not_sent(scene: Scene, world: World) -> None:
    otp.ask(world, PHONE, HERE)
    scene.clock.pass_(minutes=6)
    assert deliver(scene, world) == []
