"""What a user is known by: username, phone number, e-mail address. It changes whole, and with a fresh proof."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace

from chalicelib.domain.identifier import Kind, read
from chalicelib.domain.problems import Problem
from chalicelib.domain.user import User
from chalicelib.services.auth import identifier_keys
from chalicelib.services.auth import otp as otp_codes
from chalicelib.tables import identities, otp
from chalicelib.tables.atomic import Ops
from chalicelib.world import World

FIELDS = {Kind.PHONE: "phone_number", Kind.EMAIL: "email"}
"""What the two are called by callers."""


@dataclass(frozen=True)
class Wanted:
    """What a caller wants to be known by: `named` holds username, phone_number and email where they are to change.

    None removes a phone number or an address. `verification_token` proves one the account has (purpose `login`),
    `identifier_token` the one that is new (purpose `register`).
    """

    named: Mapping[str, str | None] = field(default_factory=dict)
    verification_token: str | None = None
    identifier_token: str | None = None


NOTHING = Wanted()


def changed(ops: Ops, world: World, user: User, wanted: Wanted) -> tuple[User, tuple[str, ...]]:
    """The user as wanted, and which identities changed; their rows and the spent proofs are staged in `ops`.

    The caller saves the user in the same transaction. Raises Problem: invalid_input, verification_needed,
    verification_token_invalid, already_registered, username_taken.
    """
    after = _as_wanted(user, wanted.named)
    kinds = tuple(name for name in ("username", "phone", "email") if getattr(after, name) != getattr(user, name))
    if not kinds:
        return user, ()
    own = {identifier_keys.identifier_key(world, text) for text in (user.phone, user.email) if text is not None}
    proof = otp_codes.proof_of(world, _given(wanted.verification_token, "verification_token"), "login")
    if proof.key not in own:
        raise Problem("verification_token_invalid")
    otp_codes.spend(ops, proof)
    if after.username.lower() != user.username.lower():
        taken = Problem("username_taken", errors={"username": ["taken"]})
        identities.claim_identity(ops, "username", after.username.lower(), user.user_id, refused=taken)
        identities.free_identity(ops, "username", user.username.lower())
    for kind in Kind:
        if kind.value in kinds:
            _move(ops, world, user, after, kind, wanted.identifier_token)
    return after, kinds


def forget_proofs(world: World, before: User, after: User) -> None:
    """What is no longer the user's is not kept in plain either: its challenges go.

    Storage that is away now is no matter: the rows end by themselves within a day.
    """
    for text in {before.phone, before.email} - {after.phone, after.email, None}:
        with suppress(Problem):
            otp.forget_challenges(otp_codes.challenges_of(world, str(text)))


def _as_wanted(user: User, named: Mapping[str, str | None]) -> User:
    after = user
    if "username" in named:
        if named["username"] is None:
            raise Problem("invalid_input", errors={"username": ["can't be removed"]})
        after = replace(after, username=named["username"])
    if "phone_number" in named:
        after = replace(after, phone=_text(named["phone_number"], Kind.PHONE))
    if "email" in named:
        after = replace(after, email=_text(named["email"], Kind.EMAIL))
    if after.phone is None and after.email is None:
        raise Problem("invalid_input", errors={name: ["the only one there is"] for name in _removed(named)})
    new = [kind for kind in Kind if getattr(after, kind.value) not in (None, getattr(user, kind.value))]
    if len(new) > 1:
        raise Problem("invalid_input", errors={FIELDS[kind]: ["one new identifier at a time"] for kind in new})
    return after


def _removed(named: Mapping[str, str | None]) -> Iterable[str]:
    return (name for name in FIELDS.values() if name in named and named[name] is None)


def _text(written: str | None, kind: Kind) -> str | None:
    """The identifier as we write it. Raises Problem("invalid_input") for one of another kind."""
    if written is None:
        return None
    found = read(written)
    if found is None or found.kind is not kind:
        what = "a Nepali mobile number" if kind is Kind.PHONE else "an e-mail address"
        raise Problem("invalid_input", errors={FIELDS[kind]: [f"must be {what}"]})
    return found.text


def _move(ops: Ops, world: World, user: User, after: User, kind: Kind, token: str | None) -> None:
    """The row of the new identifier for that of the old, where there is either. `token` proves the new one."""
    before: str | None = getattr(user, kind.value)
    text: str | None = getattr(after, kind.value)
    if before is not None:
        identities.free_identity(ops, kind, identifier_keys.identifier_key(world, before))
    if text is not None:
        proof = otp_codes.proof_of(world, _given(token, "identifier_token"), "register")
        if proof.key != identifier_keys.identifier_key(world, text):
            raise Problem("verification_token_invalid")
        otp_codes.spend(ops, proof)
        identities.claim_identity(ops, kind, proof.key, user.user_id, refused=Problem("already_registered"))


def _given(token: str | None, name: str) -> str:
    """Raises Problem("verification_needed"), naming the field."""
    if token is None:
        raise Problem("verification_needed", errors={name: ["missing"]})
    return token
