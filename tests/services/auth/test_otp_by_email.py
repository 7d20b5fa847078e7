"""Codes by e-mail: the same limits and the same silence as by SMS, each provider resting on its own."""

import json
from contextlib import suppress

import pytest

from chalicelib.domain.problems import Problem
from chalicelib.services import outbox
from chalicelib.services.auth import otp as otp_codes
from chalicelib.tables import otp
from chalicelib.tables.dynamodb import fetch
from chalicelib.world import Away, Refused, Unclear, World
from tests.counting import Counted, counted
from tests.doors import everything
from tests.fake_world import Scene
from tests.services.auth.test_otp import HERE, OTHER, PHONE, wrong
from tests.services.auth.test_signin import register

EMAIL, ANOTHER = "sita@example.com", "gita@example.com"


def deliver(scene: Scene, world: World) -> list[tuple[str, str]]:
    """Run the queue's consumer; to whom mails went, and with which code."""
    before = len(scene.mail.sent)
    for body in scene.queues.take(outbox.OTP):
        otp_codes.deliver(world, body)
    return [(to, text[:6]) for to, _, text in scene.mail.sent[before:]]


def code_for(scene: Scene, world: World, email: str = EMAIL) -> str:
    otp_codes.ask(world, email, HERE)
    return deliver(scene, world)[0][1]


@pytest.mark.parametrize("written", ["sita@example.com", " Sita@Example.COM ", "ｓｉｔａ＠example.com"])
def test_an_address_is_one_address_however_it_is_written(scene: Scene, world: World, written: str) -> None:
    assert otp_codes.ask(world, written, HERE).identifier == EMAIL
    assert [to for to, _ in deliver(scene, world)] == [EMAIL]
    assert scene.sms.sent == []


def test_the_code_in_the_mail_proves_the_address_once(scene: Scene, world: World) -> None:
    code = code_for(scene, world)
    assert otp_codes.verify(world, "SITA@example.com", code, None).purpose == "register"
    with pytest.raises(Problem, match="otp_wrong"):
        otp_codes.verify(world, EMAIL, code, None)


def test_the_mail_is_short_and_ascii(scene: Scene, world: World) -> None:
    code_for(scene, world)
    ((_, subject, text),) = scene.mail.sent
    assert (subject + text).isascii()
    assert len(text) < 160


def test_an_address_and_a_number_prove_nothing_of_each_other(scene: Scene, world: World) -> None:
    code = code_for(scene, world)
    otp_codes.ask(world, PHONE, HERE)
    with pytest.raises(Problem, match="otp_wrong"):
        otp_codes.verify(world, PHONE, code, None)
    token = otp_codes.verify(world, EMAIL, code, None).token
    with pytest.raises(Problem, match="verification_token_invalid"):
        otp_codes.proved(world, PHONE, token, "register")


def test_five_guesses_also_after_a_resend(scene: Scene, world: World) -> None:
    code = code_for(scene, world)
    for _ in range(5):
        with pytest.raises(Problem, match="otp_wrong"):
            otp_codes.verify(world, EMAIL, wrong(code), None)
    scene.clock.pass_(seconds=61)
    with pytest.raises(Problem, match="otp_limit_reached"):
        otp_codes.ask(world, EMAIL, HERE)
    with pytest.raises(Problem, match="otp_wrong"):
        otp_codes.verify(world, EMAIL, code, None)


def test_five_an_hour_and_ten_a_day_whatever_the_spelling(scene: Scene, world: World) -> None:
    asked = []
    for turn in range(60):
        with suppress(Problem):
            otp_codes.ask(world, EMAIL if turn % 2 else EMAIL.upper(), HERE)
            asked.append(scene.clock.now())
        scene.clock.pass_(minutes=10)
    assert len(asked) == 10
    for at in asked:
        assert sum(0 <= (other - at).total_seconds() < 3600 for other in asked) <= 5


def test_an_address_of_the_net_and_all_together_are_counted_over_both_channels(scene: Scene, world: World) -> None:
    scene.settings = scene.settings.changed({"otp_per_address_hour": 2, "otp_total_hour": 3})
    otp_codes.ask(world, PHONE, HERE)
    otp_codes.ask(world, EMAIL, HERE)
    before = everything()
    for identifier in (OTHER, ANOTHER):
        with pytest.raises(Problem, match="otp_limit_reached"):
            otp_codes.ask(world, identifier, HERE)
    assert everything() == before
    otp_codes.ask(world, ANOTHER, "192.0.2.2")
    for identifier in (OTHER, "third@example.com"):
        with pytest.raises(Problem, match="otp_limit_reached"):
            otp_codes.ask(world, identifier, "192.0.2.3")


@pytest.mark.parametrize("fault", [Away("ses"), Unclear("ses")])
def test_mail_that_is_away_rests_and_texts_go_on(scene: Scene, world: World, fault: Exception) -> None:
    scene.mail.fails = fault
    otp_codes.ask(world, EMAIL, HERE)
    body = scene.queues.take(outbox.OTP)[0]
    with pytest.raises(type(fault)):
        otp_codes.deliver(world, body)
    before = everything()
    with pytest.raises(Problem, match="email_unavailable") as refusal:
        otp_codes.ask(world, ANOTHER, HERE)
    assert refusal.value.retry_after_seconds
    assert everything() == before
    assert otp_codes.ask(world, PHONE, HERE).identifier == PHONE
    scene.mail.fails = None
    otp_codes.deliver(world, body)
    assert [to for to, _, _ in scene.mail.sent] == [EMAIL]
    assert otp_codes.ask(world, ANOTHER, HERE).identifier == ANOTHER


def test_an_address_that_never_will_do_is_not_tried_again_and_nothing_rests(scene: Scene, world: World) -> None:
    scene.mail.fails = Refused("MessageRejected")
    otp_codes.ask(world, EMAIL, HERE)
    otp_codes.deliver(world, scene.queues.take(outbox.OTP)[0])
    scene.clock.pass_(minutes=10)
    assert outbox.sweep(world) == 0
    assert otp_codes.ask(world, ANOTHER, HERE).identifier == ANOTHER


def test_a_message_heard_twice_is_one_mail(scene: Scene, world: World) -> None:
    otp_codes.ask(world, EMAIL, HERE)
    body = scene.queues.take(outbox.OTP)[0]
    otp_codes.deliver(world, body)
    otp_codes.deliver(world, body)
    assert len(scene.mail.sent) == 1


def test_code_and_address_are_in_no_queue_and_no_log(
    scene: Scene, world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    otp_codes.ask(world, EMAIL, HERE)
    queued = json.dumps([list(bodies) for bodies in scene.queues.sent.values()])
    code = deliver(scene, world)[0][1]
    told = capsys.readouterr().out
    assert [secret for secret in (EMAIL, code) if secret in queued + told] == []
    assert code not in json.dumps(everything())


@pytest.mark.parametrize(("known", "unknown"), [(PHONE, OTHER), (EMAIL, ANOTHER)])
def test_whoever_is_asked_about_answer_and_work_are_the_same(
    scene: Scene, world: World, known: str, unknown: str
) -> None:
    register(scene, world, identifier=known)
    scene.clock.pass_(days=2)
    calls: list[list[str]] = []
    answers: list[set[str]] = []
    for identifier in (known, unknown):
        with counted() as counts:
            answers.append(set(vars(otp_codes.ask(world, identifier, HERE))))
        calls.append(counts.calls)
        code = [text[:6] for _, text in texts(scene, world)][-1]
        for guess in (wrong(code), code):
            with counted() as counts, suppress(Problem):
                otp_codes.verify(world, identifier, guess, None)
            calls.append(counts.calls)
    assert answers[0] == answers[1]
    assert calls[:3] == calls[3:]
    assert calls[0] == ["BatchGetItem", "BatchGetItem", "TransactWriteItems"]


def test_a_guess_where_nothing_was_asked_for_is_as_much_work(scene: Scene, world: World) -> None:
    code_for(scene, world)
    before = everything()
    assert guessed(world, ANOTHER).calls == guessed(world, EMAIL, "another challenge").calls
    assert everything() == before
    assert guessed(world, EMAIL).calls == guessed(world, ANOTHER).calls


def guessed(world: World, identifier: str, challenge_id: str | None = None) -> Counted:
    with counted() as counts, pytest.raises(Problem, match="otp_wrong"):
        otp_codes.verify(world, identifier, "000000", challenge_id)
    return counts


def texts(scene: Scene, world: World) -> list[tuple[str, str]]:
    for body in scene.queues.take(outbox.OTP):
        otp_codes.deliver(world, body)
    return scene.sms.sent + [(to, text) for to, _, text in scene.mail.sent]


def test_the_challenges_of_an_identifier_can_be_found_and_forgotten(scene: Scene, world: World) -> None:
    asked = []
    for _ in range(3):
        code = code_for(scene, world)
        asked.append(otp_codes.challenges_of(world, EMAIL)[-1])
        otp_codes.verify(world, EMAIL, code, None)
        scene.clock.pass_(minutes=20)
    otp_codes.ask(world, PHONE, HERE)
    assert otp_codes.challenges_of(world, EMAIL.upper()) == asked
    assert len(set(asked)) == 3
    otp.forget_challenges(asked)
    otp.forget_challenges(asked)
    keys = [otp.challenge_key(one) for one in asked]
    assert [fetch(*keys)[key] for key in keys] == [None] * 3
    assert EMAIL not in json.dumps(everything())
    assert len(otp_codes.challenges_of(world, PHONE)) == 1
    assert otp_codes.challenges_of(world, ANOTHER) == []


def test_a_resend_is_the_same_challenge_and_as_many_are_remembered_as_a_day_allows(
    scene: Scene, world: World
) -> None:
    otp_codes.ask(world, EMAIL, HERE)
    scene.clock.pass_(seconds=61)
    otp_codes.ask(world, EMAIL, HERE)
    assert len(otp_codes.challenges_of(world, EMAIL)) == 1
    newest = []
    for _ in range(14):
        scene.clock.pass_(hours=3)
        newest.append(otp_codes.ask(world, EMAIL, HERE).challenge_id)
    assert otp_codes.challenges_of(world, EMAIL) == newest[-10:]


def test_a_proof_whose_challenge_was_forgotten_proves_nothing(scene: Scene, world: World) -> None:
    code = code_for(scene, world)
    otp.forget_challenges(otp_codes.challenges_of(world, EMAIL))
    with pytest.raises(Problem, match="otp_wrong"):
        otp_codes.verify(world, EMAIL, code, None)
