"""Gives a customer every kind of personal row and file, for the tests of account deletion."""

from dataclasses import replace
from datetime import date

from app import app
from chalicelib.domain.operators.role import Role
from chalicelib.domain.payments.payment_gateway import PaymentState, PaymentStatus
from chalicelib.domain.rentals.rental_state import CANCELLED_BEFORE_EJECT, RentalState
from chalicelib.domain.users.upload import Purpose
from chalicelib.services import outbox
from chalicelib.services.auth import identifier_keys, otp, otp_delivery, registration
from chalicelib.services.auth import sessions as auth_sessions
from chalicelib.services.media import uploads
from chalicelib.services.notifications import devices, push
from chalicelib.services.notifications.devices import DeviceInfo
from chalicelib.services.rewards import messages, points
from chalicelib.services.users import kyc, kyc_review, profile
from chalicelib.services.users.kyc import KycForm
from chalicelib.services.users.profile import profile_keys
from chalicelib.tables import (
    accounts,
    identities,
    rental_locations,
    rentals,
    sessions,
    users,
)
from chalicelib.tables.atomic import Transaction, atomic
from chalicelib.tables.dynamodb import fetch, fetch_one
from chalicelib.world import World
from infra.local.seeds import seed
from tests.domain.rental_samples import RENTAL
from tests.scenarios.coupon_history import use_coupon
from tests.scenarios.customer_to_delete import CustomerToDelete
from tests.world.builders import LABIM, SignedIn, operator_account
from tests.world.http_client import request
from tests.world.network import Network
from tests.world.pictures import phone_photo
from tests.world.rejected_requests import save_rejected_addition, save_rejected_refund
from tests.world.run_until_quiet import run_until_quiet
from tests.world.tokens import token_for


def customer_to_delete(network: Network) -> CustomerToDelete:
    """A customer with phone and e-mail, and every kind of row but open rentals, dues and refunds."""
    network.numbers += 1
    customer = CustomerToDelete(network, network.numbers)
    world, values = network.world, customer.personal_values
    customer.user_id = _register(customer)
    seed.fill_wallet(world, customer.user_id, 100_000)
    customer.session = _sign_in(world, customer.user_id)
    _add_email(world, customer)
    date_of_birth = date(1994, 2, 3)
    change = {
        "full_name": values["full name"],
        "address": values["address"],
        "date_of_birth": date_of_birth,
        "language": "ne",
    }
    upload = uploads.receive(world, customer.caller(), phone_photo(), Purpose.GENERAL)
    change["avatar_url"] = uploads.public_url(world, upload)
    profile.change_profile(world, customer.caller(), change)
    info = DeviceInfo(values["device"], values["push token"], "android", values["device name"], "1.4.0", "14")
    keys = devices.prefetch_keys(world, customer.user_id, info)
    devices.register(world, customer.session.caller(world, *keys), info)
    _submit_kyc(customer)
    _use_idempotency_key(customer)
    save_rejected_refund(customer)
    save_rejected_addition(customer)
    _refund_topup(customer)
    _report_problems(customer)
    _save_cancelled_rental(customer)
    use_coupon(customer)
    otp.request_code(world, customer.phone, "192.0.2.44")
    otp.request_code(world, values["email"], "192.0.2.44")
    network.fake_world.queues.take(outbox.OTP)
    run_until_quiet(network)
    network.sessions[customer.user_id] = customer.session
    return customer


def verification_token(customer: CustomerToDelete) -> str:
    """Prove the customer's phone number by a code. Returns the token for a registration or a login."""
    network = customer.network
    sent_code = otp.request_code(network.world, customer.phone, "192.0.2.44")
    for body in network.fake_world.queues.take(outbox.OTP):
        otp_delivery.deliver(network.world, body)
    code = network.fake_world.sms.sent[-1][1].split(" ", maxsplit=1)[0]
    return otp.verify(network.world, customer.phone, code, sent_code.public_id).token


def _register(customer: CustomerToDelete) -> str:
    world, fake_world = customer.network.world, customer.network.fake_world
    token = verification_token(customer)
    name = customer.personal_values["username"]
    user_id = registration.register(world, customer.phone, token, username=name, referral_code=None).user_id
    for body in fake_world.queues.take(outbox.POINTS):
        points.award(world, body)
    fake_world.clock.advance(minutes=2)
    return user_id


def _sign_in(world: World, user_id: str) -> SignedIn:
    """Sign in, with an entry in the active sessions."""
    keys = accounts.account_key(user_id), sessions.active_sessions_key(user_id)

    def decide(ops: Transaction) -> str:
        rows = fetch(*keys)
        account = rows[keys[0]]
        assert account is not None
        return auth_sessions.begin(ops, world, account, rows[keys[1]]).session_id

    return SignedIn(user_id, atomic(world, decide))


def _add_email(world: World, customer: CustomerToDelete) -> None:
    email = customer.personal_values["email"]

    def decide(ops: Transaction) -> None:
        (key, _) = profile_keys(customer.user_id)
        user = fetch_one(key)
        assert user is not None
        identities.claim_identity(
            ops, "email", identifier_keys.identifier_key(world, email), customer.user_id, conflict=None
        )
        users.save_user(ops, replace(user, email=email))

    atomic(world, decide)


def _submit_kyc(customer: CustomerToDelete) -> None:
    """Submit KYC, get it rejected (a notification with a push), and submit it again."""
    world, values = customer.network.world, customer.personal_values
    form = KycForm("citizenship", customer.document, values["district"], "2074-05-12", phone_photo(), phone_photo())
    kyc.submit(world, customer.caller(), form)
    operator = operator_account(world, f"judge{customer.number}@example.com", "a password", Role.SUPPORT)
    operator_caller = _sign_in(world, operator).caller(world)
    kyc_review.decide_submission(
        world, operator_caller, customer.user_id, approved=False, reason=customer.operator_text
    )
    for body in customer.network.fake_world.queues.take(outbox.PUSH):
        push.deliver(world, body)
    kyc.submit(world, customer.caller(), replace(form, back=None))


def _use_idempotency_key(customer: CustomerToDelete) -> None:
    token = token_for(customer.network.world, customer.session)
    order = {"amount": "100", "payment_method": "khalti"}
    headers = {"Idempotency-Key": f"canary-device-{customer.number:03d}"}
    intent = request(app, "POST", "/api/payment/wallet/topup-intent", order, token=token, headers=headers).data
    request(app, "POST", f"/api/payment/cancel/{intent['intent_id']}", {}, token=token)


def _refund_topup(customer: CustomerToDelete) -> None:
    """Request a refund of a top-up, rejected first, then approved by hand with an idempotency key."""
    network, customer_token = customer.network, token_for(customer.network.world, customer.session)
    operator = operator_account(network.world, f"payer{customer.number}@example.com", "a password", Role.FINANCE)
    operator_token = token_for(network.world, _sign_in(network.world, operator))
    transaction_id, reason = _top_up(customer, customer_token), customer.personal_values["reason of a refund"]
    approval = {"admin_notes": customer.operator_text, "reference": customer.operator_text}
    for verb, content in (("reject", {"reason": customer.operator_text}), ("approve", approval)):
        reply = request(
            app, "POST", f"/api/payment/refund/{transaction_id}", {"reason": reason}, token=customer_token
        )
        path = f"/api/admin/refunds/{reply.data['refund_id']}/{verb}"
        reply_to_decision = request(
            app, "POST", path, content, token=operator_token, headers={"Idempotency-Key": verb}
        )
        assert reply_to_decision.status == 200, reply_to_decision.text
        assert reason in reply_to_decision.text


def _save_cancelled_rental(customer: CustomerToDelete) -> None:
    """A rental that was cancelled while it was starting, with the customer's own words."""
    rental = replace(
        RENTAL,
        user_id=customer.user_id,
        state=RentalState.CANCELLED,
        held_points=0,
        held_paisa=0,
        failure=CANCELLED_BEFORE_EJECT,
        cancel_reason=customer.personal_values["reason of a cancellation"],
    )
    atomic(customer.network.world, lambda ops: rentals.save(ops, rental))
    report = {"issue_type": "not_working", "description": customer.personal_values["report about a rental"]}
    path = f"/api/rentals/{rental.rental_id}/report-issue"
    reply = request(app, "POST", path, report, token=token_for(customer.network.world, customer.session))
    assert reply.status == 201, reply.text
    place = (27.123456, 85.654321)
    rental_locations.add(customer.user_id, rental.rental_id, customer.network.world.now(), place, None)


def _report_problems(customer: CustomerToDelete) -> None:
    """Report a problem at a station, with an image."""
    world, token = customer.network.world, token_for(customer.network.world, customer.session)
    image = uploads.receive(world, customer.caller(), phone_photo(), Purpose.GENERAL)
    report = {
        "issue_type": "dirty",
        "description": customer.personal_values["report about a station"],
        "images": [image.upload_id],
    }
    reply = request(app, "POST", f"/api/stations/{LABIM.sn}/report-issue", report, token=token)
    assert reply.status == 201, reply.text


def _top_up(customer: CustomerToDelete, token: str) -> str:
    """Top up at eSewa and award the points. Returns the transaction id."""
    network = customer.network
    order = {"amount": "100", "payment_method": "esewa"}
    intent_id = request(app, "POST", "/api/payment/wallet/topup-intent", order, token=token).data["intent_id"]
    network.fake_world.esewa.payment_statuses[intent_id] = PaymentStatus(
        PaymentState.PAID, f"leaver-{intent_id}", 10_000
    )
    request(app, "POST", "/api/payment/verify-topup", {"intent_id": intent_id}, token=token)
    for body in network.fake_world.queues.take(outbox.POINTS):
        messages.handle(network.world, body)
    newest = request(app, "GET", "/api/user/transactions?type=topup", token=token).data["results"][0]
    transaction_id: str = newest["id"]
    return transaction_id
