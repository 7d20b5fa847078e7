"""Somebody who has left a trace everywhere, and will have the account deleted."""

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from app import app
from chalicelib.domain.account import Role
from chalicelib.domain.payment_gateway import Outcome, Paid
from chalicelib.domain.refund import Refund, RefundState, Way, refund_id_of
from chalicelib.domain.refund_totals import Tally
from chalicelib.domain.upload import Purpose
from chalicelib.services import outbox
from chalicelib.services.auth import identifier_keys, otp, signin
from chalicelib.services.auth import sessions as auth_sessions
from chalicelib.services.caller import Caller
from chalicelib.services.media import uploads
from chalicelib.services.notifications import devices, push
from chalicelib.services.notifications.devices import Told
from chalicelib.services.rewards import points
from chalicelib.services.topups import crediting
from chalicelib.services.users import deletion, kyc, kyc_review, profile
from chalicelib.services.users.kyc import Submission
from chalicelib.services.users.profile import keys_of_me
from chalicelib.tables import accounts, identities, refunds, sessions, users
from chalicelib.tables.atomic import Ops, atomic
from chalicelib.tables.dynamodb import fetch
from chalicelib.tables.outbox import OutboxRow
from chalicelib.world import World
from infra.local import seed
from tests.asking import ask
from tests.builders import SignedIn, operator_account, phone
from tests.doors import everything, token_for
from tests.pictures import phone_photo
from tests.street import Street


@dataclass
class Leaver:
    """A customer, what is known of them, and the papers of their life."""

    street: Street
    number: int
    user_id: str = ""
    session: SignedIn = field(default_factory=lambda: SignedIn("", ""))

    @property
    def phone(self) -> str:
        return phone(self.number)

    @property
    def document(self) -> str:
        return f"27-01-70-77{self.number:03d}"

    @property
    def canaries(self) -> dict[str, str]:
        """What may be nowhere afterwards, by what it is."""
        n = f"{self.number:03d}"
        return {
            "phone": self.phone[4:],
            "username": f"leaver_{n}",
            "email": f"leaver{n}@example.com",
            "full name": f"Maya Canary{n}",
            "address": f"Canary Tole {n}",
            "document under the fake seal": self.document[::-1],
            "district": f"Canarypur{n}",
            "push token": f"canary-token-{n}",
            "device": f"canary-device-{n}",
            "device name": f"Canaryphone {n}",
            "reason of a refund": f"canary refund {n}",
            "notes on a refund": f"canary notes {n}",
            "reference of a refund": f"canary bank {n}",
        }

    @property
    def rejection(self) -> str:
        """An operator's words."""
        return f"canary reason {self.number:03d}"

    def caller(self, world: World | None = None) -> Caller:
        return self.session.caller(world or self.street.world, *keys_of_me(self.user_id))

    def delete(self, world: World | None = None, *, forfeit: bool = True) -> Any:
        used = world or self.street.world
        return deletion.delete(used, self.caller(used), forfeit_balance=forfeit)

    @property
    def files(self) -> list[str]:
        return [public_id for public_id in self.street.scene.media.kept if self.user_id in public_id]


def leaver(street: Street, *, wallet_paisa: int = 100_000) -> Leaver:
    """Registered by phone, known by e-mail too, with everything an account can have but an open affair."""
    street.numbers += 1
    one = Leaver(street, street.numbers)
    world, known = street.world, one.canaries
    one.user_id = _registered(one)
    if wallet_paisa:
        seed.fill_wallet(world, one.user_id, wallet_paisa)
    one.session = _signed_in(world, one.user_id)
    _add_email(world, one)
    born = date(1994, 2, 3)
    change = {"full_name": known["full name"], "address": known["address"], "date_of_birth": born, "language": "ne"}
    upload = uploads.receive(world, one.caller(), phone_photo(), Purpose.GENERAL)
    change["avatar_url"] = uploads.address_of(world, upload)
    profile.change_profile(world, one.caller(), change)
    told = Told(known["device"], known["push token"], "android", known["device name"], "1.4.0", "14")
    keys = devices.keys_of(world, one.user_id, told)
    devices.register(world, one.session.caller(world, *keys), told)
    _hand_in_papers(one)
    _use_a_key(one)
    _had_a_refund(one)
    _was_paid_back(one)
    otp.ask(world, one.phone, "192.0.2.44")
    otp.ask(world, known["email"], "192.0.2.44")
    street.scene.queues.take(outbox.OTP)
    settle(street)
    street.sessions[one.user_id] = one.session
    return one


def _registered(one: Leaver) -> str:
    world, scene = one.street.world, one.street.scene
    asked = otp.ask(world, one.phone, "192.0.2.44")
    for body in scene.queues.take(outbox.OTP):
        otp.deliver(world, body)
    code = scene.sms.sent[-1][1].split(" ", maxsplit=1)[0]
    token = otp.verify(world, one.phone, code, asked.challenge_id).token
    name = one.canaries["username"]
    user_id = signin.register(world, one.phone, token, username=name, referral_code=None).user_id
    for body in scene.queues.take(outbox.POINTS):
        points.award(world, body)
    scene.clock.pass_(minutes=2)
    return user_id


def _signed_in(world: World, user_id: str) -> SignedIn:
    """On the roster, as whoever signs in is."""
    keys = accounts.account_key(user_id), sessions.roster_key(user_id)

    def decide(ops: Ops) -> str:
        found = fetch(*keys)
        account = found[keys[0]]
        assert account is not None
        return auth_sessions.begin(ops, world, account, found[keys[1]]).session_id

    return SignedIn(user_id, atomic(world, decide))


def _add_email(world: World, one: Leaver) -> None:
    email = one.canaries["email"]

    def decide(ops: Ops) -> None:
        (key, _) = keys_of_me(one.user_id)
        user = fetch(key)[key]
        assert user is not None
        identities.claim_identity(
            ops, "email", identifier_keys.identifier_key(world, email), one.user_id, refused=None
        )
        users.save(ops, replace(user, email=email))

    atomic(world, decide)


def _hand_in_papers(one: Leaver) -> None:
    """Rejected once, so that there is a notification with a push, and handed in again."""
    world, known = one.street.world, one.canaries
    papers = Submission("citizenship", one.document, known["district"], "2074-05-12", phone_photo(), phone_photo())
    kyc.submit(world, one.caller(), papers)
    operator = operator_account(world, f"judge{one.number}@example.com", "a password", Role.SUPPORT)
    judge = _signed_in(world, operator).caller(world)
    kyc_review.decide_submission(world, judge, one.user_id, approved=False, reason=one.rejection)
    for body in one.street.scene.queues.take(outbox.PUSH):
        push.deliver(world, body)
    kyc.submit(world, one.caller(), replace(papers, back=None))


def _use_a_key(one: Leaver) -> None:
    token = token_for(one.street.world, one.session)
    order = {"amount": "100", "payment_method": "khalti"}
    headers = {"Idempotency-Key": f"canary-device-{one.number:03d}"}
    opened = ask(app, "POST", "/api/payment/wallet/topup-intent", order, token=token, headers=headers).data
    ask(app, "POST", f"/api/payment/cancel/{opened['intent_id']}", {}, token=token)


def _had_a_refund(one: Leaver) -> None:
    """Rejected, with words in every place that holds any."""
    world, known = one.street.world, one.canaries
    now = world.now()
    refund = Refund(
        refund_id_of(world.new_id(), one.user_id),
        one.user_id,
        1,
        100,
        0,
        known["reason of a refund"],
        requested_by=one.user_id,
        requested_at=now,
        state=RefundState.REJECTED,
        way=Way.BY_HAND,
        decided_by="somebody",
        admin_notes=known["notes on a refund"],
        reference=known["reference of a refund"],
        ended_at=now,
    )

    def decide(ops: Ops) -> None:
        refunds.save_tally(ops, Tally(one.user_id, refund.seq))
        refunds.save(ops, refund)

    atomic(world, decide)


def _was_paid_back(one: Leaver) -> None:
    """What was topped up: refused at first, then paid by hand, by an operator who names the requests."""
    street, mine = one.street, token_for(one.street.world, one.session)
    operator = operator_account(street.world, f"payer{one.number}@example.com", "a password", Role.FINANCE)
    theirs = token_for(street.world, _signed_in(street.world, operator))
    paid, why = _topped_up(one, mine), one.canaries["reason of a refund"]
    granted = {"admin_notes": one.rejection, "reference": one.rejection}
    for verb, said in (("reject", {"reason": one.rejection}), ("approve", granted)):
        asked = ask(app, "POST", f"/api/payment/refund/{paid}", {"reason": why}, token=mine)
        path = f"/api/admin/refunds/{asked.data['refund_id']}/{verb}"
        decided = ask(app, "POST", path, said, token=theirs, headers={"Idempotency-Key": verb})
        assert decided.status == 200, decided.text
        assert why in decided.text


def _topped_up(one: Leaver, token: str) -> str:
    """By eSewa, its points given. Returns the transaction."""
    street = one.street
    order = {"amount": "100", "payment_method": "esewa"}
    intent_id = ask(app, "POST", "/api/payment/wallet/topup-intent", order, token=token).data["intent_id"]
    street.scene.esewa.outcomes[intent_id] = Outcome(Paid.PAID, f"leaver-{intent_id}", 10_000)
    ask(app, "POST", "/api/payment/verify-topup", {"intent_id": intent_id}, token=token)
    for body in street.scene.queues.take(outbox.POINTS):
        points.award(street.world, body)
    newest = ask(app, "GET", "/api/user/transactions?type=topup&limit=1", token=token).data["results"][0]
    transaction_id: str = newest["id"]
    return transaction_id


def settle(street: Street, world: World | None = None) -> None:
    """Minutes pass: what waits in the outbox is sent and has its effect, until nothing is left."""
    used = world or street.world
    hear: dict[str, Callable[[dict[str, Any]], object]] = {
        outbox.ERASURE: lambda body: deletion.hear(used, body),
        outbox.PUSH: lambda body: push.deliver(used, body),
    }
    for minutes in (2, 2, 4, 8, 16, 32, 64, 64):
        street.scene.clock.pass_(minutes=minutes)
        outbox.sweep(used)
        crediting.sweep(used)
        for queue, listen in hear.items():
            for body in street.scene.queues.take(queue):
                with suppress(Exception):  # as a queue does: it comes again
                    listen(body)
        street.hear_messages()
        if not list(OutboxRow.scan()):
            return
    raise AssertionError("never quiet")


def traces_of(*leavers: Leaver) -> list[tuple[int, str, str]]:
    """Where anything of them is left: number, what it is, and the table, queue or store."""
    street = leavers[0].street
    places = {table: "\n".join(rows) for table, rows in everything().items()}
    places |= {queue: json.dumps(list(bodies)) for queue, bodies in street.scene.queues.sent.items()}
    places["media"] = json.dumps(list(street.scene.media.kept))
    found = [
        (one.number, what, place)
        for one in leavers
        for what, canary in one.canaries.items()
        for place, text in places.items()
        if canary in text or json.dumps(canary)[1:-1] in text
    ]
    return found + [(one.number, "a file", "media") for one in leavers if one.files]


def deleted(street: Street, user_id: str, *, forfeit: bool = True) -> Any:
    """Somebody of whom no more is known than that they want to go."""
    return Leaver(street, 0, user_id, street.sessions[user_id]).delete(forfeit=forfeit)
