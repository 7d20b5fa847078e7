"""Seeds a fresh sandbox: stations with power banks, packages, an operator, and a customer who may rent."""

import zlib
from dataclasses import replace
from datetime import date, timedelta

from chalicelib.domain.accounts.account import Account
from chalicelib.domain.auth.otp import Challenge, ChallengeState
from chalicelib.domain.cabinets.cabinet import Binding, Cabinet
from chalicelib.domain.cabinets.custody import Custody
from chalicelib.domain.cabinets.powerbank import Powerbank
from chalicelib.domain.cabinets.slot import NORMAL, Slot
from chalicelib.domain.notifications.profile_reminder import with_reminder
from chalicelib.domain.operators.operator import Operator
from chalicelib.domain.operators.role import Role
from chalicelib.domain.payments.order_reference import order_reference
from chalicelib.domain.payments.topup_intent import Intent
from chalicelib.domain.rewards.point_rules import signup_award_id, topup_award_id
from chalicelib.domain.stations.station import Station
from chalicelib.domain.users.citizenship_number import number_digits
from chalicelib.domain.users.kyc import KycStatus, KycSubmission
from chalicelib.domain.users.upload import public_id_of
from chalicelib.services import field_encryption
from chalicelib.services.auth import identifier_keys, registration
from chalicelib.services.auth import otp as otp_codes
from chalicelib.services.auth.password_hashes import PASSWORD_COST, hash_password
from chalicelib.services.rewards import points
from chalicelib.services.stations import listing_refresh
from chalicelib.services.topups import crediting
from chalicelib.tables import (
    accounts,
    app_info,
    cabinets,
    content,
    coupons,
    credentials,
    identities,
    intent_references,
    intents,
    kyc,
    operators,
    otp,
    outbox,
    packages,
    powerbanks,
    settings,
    stations,
    users,
)
from chalicelib.tables.atomic import Transaction, atomic
from chalicelib.tables.credentials import Credentials
from chalicelib.tables.dynamodb import fetch, fetch_one
from chalicelib.world import World
from infra.local.seeds.always_paid_gateway import AlwaysPaidGateway
from infra.local.seeds.demo_stations import FLEET, DemoStation
from infra.local.seeds.seed_content import BANNERS, COUPON, PACKAGES, RELEASES
from infra.local.seeds.seed_faq import FAQ_ENTRIES
from infra.local.seeds.seed_pages import PAGES

ADMIN_EMAIL, ADMIN_PASSWORD = "admin@example.com", "admin-demo-password"
FINANCE_EMAIL = "treasurer@example.com"
"""The second operator, who signs in with the same password: nobody approves a refund that they requested."""
DEMO_PHONE, DEMO_USERNAME = "+9779841000001", "demo"
DEMO_WALLET_PAISA = 100_000
HIGH_LIMIT = 1_000_000


def seed(world: World, kind: str, *, password_cost: int = PASSWORD_COST) -> list[Intent]:
    """Seed a fresh sandbox. `kind` is `demo` or `empty`. Returns the seeded top-ups.

    Both kinds get packages, releases, banners, pages, questions, settings and two operators. `demo` adds stations
    and a customer.
    """
    settings.set_overrides({"otp_per_address_hour": HIGH_LIMIT, "otp_total_hour": HIGH_LIMIT})

    def decide(ops: Transaction) -> None:
        for package in PACKAGES:
            packages.save_package(ops, package)
        for release in RELEASES:
            app_info.add_release(ops, release)
        for banner in BANNERS:
            app_info.save_banner(ops, banner)
        coupons.save(ops, COUPON)
        for page in PAGES:
            content.save_page(ops, page)
        for entry in FAQ_ENTRIES:
            content.save_faq_entry(ops, entry)

    atomic(world, decide)
    add_operator(world, ADMIN_EMAIL, ADMIN_PASSWORD, Role.SUPER_ADMIN, cost=password_cost)
    add_operator(world, FINANCE_EMAIL, ADMIN_PASSWORD, Role.FINANCE, cost=password_cost)
    if kind == "demo":
        for demo in FLEET:
            add_station(world, demo)
        listing_refresh.refresh(world)
        user_id = add_customer(world, DEMO_PHONE, DEMO_USERNAME)
        make_eligible(world, user_id)
        return [fill_wallet(world, user_id, DEMO_WALLET_PAISA)]
    return []


def add_operator(world: World, email: str, password: str, role: Role, *, cost: int = PASSWORD_COST) -> str:
    """An account that may sign in by password. Returns its id."""
    user_id, salt = world.new_id(), world.random_bytes(16).hex()
    hashed = hash_password(password, salt, cost)
    stored = Credentials(identifier_keys.identifier_key(world, email), user_id, email, salt, hashed, cost)

    def decide(ops: Transaction) -> None:
        accounts.save(ops, Account(user_id, role=role))
        operators.save(ops, Operator(user_id, email.partition("@")[0], email, world.now()))
        credentials.add(ops, stored)

    atomic(world, decide)
    return user_id


def add_station(world: World, demo: DemoStation) -> None:
    """A station, its cabinet as if it had just reported, and its banks."""
    now = world.now()
    slots = {
        number: Slot(number, NORMAL if bank else 0, bank, percent if bank else None, 25 if bank else None)
        for number, (bank, percent) in demo.slots().items()
    }

    def decide(ops: Transaction) -> None:
        stations.add(
            ops,
            Station(
                demo.sn,
                demo.imei,
                demo.name,
                demo.address,
                demo.latitude,
                demo.longitude,
                landmark=demo.landmark,
                amenities=("wifi",),
                created_at=now,
                updated_at=now,
            ),
        )
        cabinets.bind(ops, Binding(demo.imei, demo.sn, demo.name))
        cabinets.save_cabinet(
            ops, Cabinet(demo.sn, demo.imei, online=True, last_seen_at=now, snapshot_at=now, slots=slots)
        )
        for number, (powerbank_sn, percent) in demo.banks.items():
            powerbank = Powerbank(powerbank_sn, Custody.SLOT, now, demo.sn, number, battery_percent=percent)
            powerbanks.save_powerbank(ops, powerbank)

    atomic(world, decide)


def add_customer(world: World, phone: str, username: str) -> str:
    """A registered customer, sign-up points and all. Returns the id."""
    key = identifier_keys.identifier_key(world, phone)
    now = world.now()
    challenge = Challenge(world.new_id(), phone, key, "", now + timedelta(minutes=5), state=ChallengeState.VERIFIED)
    atomic(world, lambda ops: otp.save(ops, challenge))
    claims = {"jti": challenge.challenge_id, "sub": key, "purpose": "register"}
    token = world.tokens.sign(claims, audience=otp_codes.VERIFICATION, until=now + timedelta(minutes=5))
    user_id = registration.register(world, phone, token, username=username, referral_code=None).user_id
    _award(world, signup_award_id(key))
    return user_id


def make_eligible(world: World, user_id: str) -> None:
    """Complete the profile and approve the KYC submission, so that the user may rent."""
    account_key, user_key = accounts.account_key(user_id), users.user_key(user_id)

    def decide(ops: Transaction) -> None:
        rows = fetch(account_key, user_key)
        account, user = rows[account_key], rows[user_key]
        if account is None or user is None:
            raise LookupError(user_id)
        accounts.save(ops, replace(account, kyc_status=KycStatus.APPROVED, profile_complete=True))
        born = date(1995, 5, 15)
        complete = replace(user, full_name="Demo Customer", date_of_birth=born, address="Patan, Lalitpur")
        users.save_user(ops, with_reminder(complete, world.now(), world.settings()))
        kyc.save_kyc_submission(ops, submission)
        identities.claim_identity(ops, "document", submission.number_key, user_id, conflict=None)

    submission = _approved_submission(world, user_id)
    atomic(world, decide)


def _approved_submission(world: World, user_id: str) -> KycSubmission:
    """A certificate with a number of the user's own. Its image is not in the media store."""
    number = f"27-01-{zlib.crc32(user_id.encode()):010d}"
    digest = world.digests.digest("document", "citizenship", number_digits(number))
    return KycSubmission(
        user_id,
        "citizenship",
        field_encryption.encrypt(world, number, user_id),
        digest.hex(),
        "Kathmandu",
        "2070-01-01",
        public_id_of(user_id, "seed"),
        "jpg",
        world.now(),
        status=KycStatus.APPROVED,
        decided_by=ADMIN_EMAIL,
        decided_at=world.now(),
    )


def fill_wallet(world: World, user_id: str, amount_paisa: int) -> Intent:
    """Credit a top-up through the service. Returns the credited intent."""
    now, intent_id = world.now(), world.new_id()
    ends, gateway_ref = now + timedelta(minutes=30), f"seed-{intent_id}"
    intent = Intent(
        intent_id, user_id, "khalti", amount_paisa, order_reference(intent_id), now, ends, gateway_ref=gateway_ref
    )

    def decide(ops: Transaction) -> None:
        intents.add(ops, intent)
        intent_references.claim_reference(ops, intent, gateway_ref, conflict=ValueError(gateway_ref))

    atomic(world, decide)
    credited = crediting.refresh_from_gateway(
        replace(world, gateways={"khalti": AlwaysPaidGateway()}), replace(intent, version=1)
    )
    _award(world, topup_award_id(intent_id))
    return credited.intent


def _award(world: World, message_id: str) -> None:
    """Award the points now that the points queue would award later. A second delivery changes nothing."""
    message = fetch_one(outbox.message_key(message_id))
    if message is not None:
        points.award(world, message.body)
