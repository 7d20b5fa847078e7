"""Requests and verifies one-time codes, and spends the proof of a verified identifier."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from hmac import compare_digest
from typing import Any, Literal

from chalicelib.domain.auth.identifier import Channel, Identifier
from chalicelib.domain.auth.otp import KNOWN_DEVICE, WITHOUT_ID, Challenge, ChallengeState, Quota
from chalicelib.domain.problems.problems import Problem
from chalicelib.domain.text.grouped_digits import digits_of
from chalicelib.domain.text.ids import is_id
from chalicelib.domain.text.texts import ENGLISH
from chalicelib.services import outbox as outbox_messages
from chalicelib.services import provider_backoff
from chalicelib.services.auth import identifier_keys, known_devices, otp_delivery, otp_limits
from chalicelib.tables import identities, otp
from chalicelib.tables import provider_backoff as backoff_rows
from chalicelib.tables.atomic import Transaction, atomic
from chalicelib.tables.dynamodb import fetch, fetch_one
from chalicelib.world import World

VERIFICATION = "verification"
PUBLIC_ID_CHARACTERS = 32
WHERE_CHARACTERS = 16
"""How much of the digest of a network address the quota of an identifier keeps for each request."""
PUBLIC_ID = re.compile(rf"[0-9a-f]{{{PUBLIC_ID_CHARACTERS}}}", re.ASCII)
NO_PUBLIC_ID = "0" * PUBLIC_ID_CHARACTERS
"""Stands for a text that can't be a public id, so that its guess costs the same work."""


@dataclass(frozen=True)
class SentCode:
    """The answer to a request for a code. It is the same for known and unknown identifiers.

    `public_id` names the challenge to the network address or the known device that requested the code.
    """

    identifier: str
    public_id: str
    ttl_seconds: int
    resend_seconds: int


@dataclass(frozen=True)
class VerifiedIdentifier:
    """A verified identifier. `token` works for one registration or one login, as `purpose` says."""

    token: str
    purpose: Literal["login", "register"]
    ttl_seconds: int


@dataclass(frozen=True)
class Proof:
    """The content of a verification token: the digest of the identifier, and the challenge. It works until it is
    spent."""

    key: str
    challenge_id: str


def request_code(
    world: World, identifier: str, address: str, *, device_token: str | None = None, language: str = ENGLISH
) -> SentCode:
    """Send a code to a Nepali mobile number or an email address, in a message in `language`.

    `address` is the caller's network address. `device_token` is what an earlier sign-in with this identifier
    returned. Such a device has limits of its own in place of those of the address, and no requests of others count
    against it. A refused request counts against no limit. The function does the same work for known and unknown
    identifiers. Raises Problem: invalid_input, otp_resend_too_soon, otp_limit_reached, sms_unavailable,
    email_unavailable.
    """
    parsed = identifier_keys.parse_identifier(identifier)
    key = identifier_keys.identifier_key(world, parsed.text)
    quota_key, provider_key = otp.quota_key(key), backoff_rows.failures_key(parsed.channel)
    fresh_id, salt = world.new_id(), world.random_bytes(16).hex()
    device_id = known_devices.read(world, known_devices.CUSTOMERS, key, device_token)
    where = identifier_keys.address_key(world, address) if device_id is None else _device_key(world, device_id)

    def decide(ops: Transaction) -> str:
        now, settings = world.now(), world.settings()
        rows = fetch(quota_key, provider_key, *otp_limits.total_keys(now))
        provider_backoff.must_be_available(parsed.channel, rows[provider_key], now)
        quota = rows[quota_key] or Quota(key)
        until = now + timedelta(seconds=settings.otp_ttl_seconds)
        current = otp_limits.current_challenge(quota, now)
        public_id = _public_id(world, current.challenge_id if current else fresh_id, where)
        otp_limits.must_have_guesses(current, public_id, now, settings.otp_tries)
        challenge = current.resent(until) if current else Challenge(fresh_id, parsed.text, key, salt, until)
        otp.save_quota(ops, quota.with_request(now, challenge.challenge_id, where[:WHERE_CHARACTERS], settings))
        otp.save(ops, challenge.requested_by(public_id))
        if device_id is None:
            otp_limits.count_windows(ops, world, where, now, rows)
        _stage_message(ops, world, challenge, parsed.channel, language)
        return public_id

    public_id = atomic(world, decide)
    settings = world.settings()
    return SentCode(parsed.text, public_id, settings.otp_ttl_seconds, settings.otp_resend_seconds)


def verify(world: World, identifier: str, guess: str, public_id: str | None) -> VerifiedIdentifier:
    """Verify an identifier by a code. The guess is counted before the code is compared.

    `public_id` is the id that the request for the code got. Guesses without it have a smaller number of their own, so
    that a stranger who knows only the identifier leaves the guesses of the customer alone.

    Raises Problem("otp_wrong") for any failure.
    """
    parsed = identifier_keys.parse_identifier(identifier)
    key = identifier_keys.identifier_key(world, parsed.text)
    quota = fetch_one(otp.quota_key(key))
    # Without a challenge the same update runs on a missing row, so that timing does not reveal whether a code was
    # requested.
    current_id = (quota.challenge_id if quota else None) or key
    now, settings = world.now(), world.settings()
    if public_id is None:
        challenge = otp.count_guess(current_id, WITHOUT_ID, settings.otp_tries_without_id, now)
    else:
        counted_under = public_id if PUBLIC_ID.fullmatch(public_id) else NO_PUBLIC_ID
        challenge = otp.count_guess(current_id, counted_under, settings.otp_tries, now)
    right = otp_delivery.code(world, challenge) if challenge is not None else ""
    if challenge is None or not compare_digest(right.encode(), (digits_of(guess) or guess).encode()):
        raise Problem("otp_wrong")

    def decide(ops: Transaction) -> None:
        conflict = Problem("otp_wrong")
        otp.move(ops, challenge.challenge_id, ChallengeState.OPEN, ChallengeState.VERIFIED, conflict=conflict)

    atomic(world, decide)
    owner_key = identities.identity_key(parsed.kind, key)
    purpose: Literal["login", "register"] = "login" if fetch_one(owner_key) else "register"
    token = world.tokens.sign(
        {"jti": challenge.challenge_id, "sub": key, "purpose": purpose},
        audience=VERIFICATION,
        until=now + timedelta(seconds=settings.verification_ttl_seconds),
    )
    return VerifiedIdentifier(token, purpose, settings.verification_ttl_seconds)


def require_verified(world: World, identifier: str, token: str, purpose: str) -> tuple[Identifier, Proof]:
    """The identifier and the proof of a token. Raises Problem("verification_token_invalid")."""
    parsed = identifier_keys.parse_identifier(identifier)
    proof = read_proof(world, token, purpose)
    if proof.key != identifier_keys.identifier_key(world, parsed.text):
        raise Problem("verification_token_invalid")
    return parsed, proof


def read_proof(world: World, token: str, purpose: str) -> Proof:
    """The proof of a token for that purpose. Raises Problem("verification_token_invalid")."""
    try:
        claims: Mapping[str, Any] = world.tokens.read(token, audience=VERIFICATION)
    except Problem as problem:
        raise Problem("verification_token_invalid") from problem
    key, challenge_id = claims.get("sub"), claims.get("jti")
    if claims.get("purpose") != purpose or not is_id(key) or not is_id(challenge_id):
        raise Problem("verification_token_invalid")
    return Proof(str(key), str(challenge_id))


def spend(ops: Transaction, proof: Proof) -> None:
    """Stage that the proof is spent. It can be spent once."""
    invalid = Problem("verification_token_invalid")
    otp.move(ops, proof.challenge_id, ChallengeState.VERIFIED, ChallengeState.SPENT, conflict=invalid)


def challenge_ids_of(world: World, identifier: str) -> list[str]:
    """The ids of an identifier's recent challenges, oldest first: at most as many as a day allows."""
    key = otp.quota_key(identifier_keys.identifier_key(world, identifier_keys.parse_identifier(identifier).text))
    quota = fetch_one(key)
    return list(quota.challenge_ids) if quota else []


def _public_id(world: World, challenge_id: str, where: str) -> str:
    """The challenge's id for the requests from one network address or known device."""
    return world.digests.digest("public challenge", challenge_id, where).hex()[:PUBLIC_ID_CHARACTERS]


def _stage_message(ops: Transaction, world: World, challenge: Challenge, channel: Channel, language: str) -> None:
    message_id = f"otp:{challenge.challenge_id}:{challenge.generation}"
    body = {
        "challenge_id": challenge.challenge_id,
        "generation": challenge.generation,
        "channel": channel.value,
        "language": language,
    }
    outbox_messages.stage(ops, world, outbox_messages.OTP, message_id, body)


def _device_key(world: World, device_id: str) -> str:
    return KNOWN_DEVICE + world.digests.digest("known device", device_id).hex()
