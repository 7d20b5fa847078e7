"""The identities that an account should have."""

from chalicelib.domain.auth.identifier import IdentifierKind
from chalicelib.domain.users.kyc import KycStatus, KycSubmission
from chalicelib.domain.users.user import User
from chalicelib.services.auth import identifier_keys
from chalicelib.world import World


def identities_of(world: World, user: User, submission: KycSubmission | None) -> list[tuple[str, str]]:
    """Kind and value of every identity that belongs to a user."""
    wanted = [("username", user.username.lower()), ("referral", user.referral_code)]
    for kind, text in ((IdentifierKind.PHONE, user.phone), (IdentifierKind.EMAIL, user.email)):
        if text is not None:
            wanted.append((kind.value, identifier_keys.identifier_key(world, text)))
    if submission is not None and submission.status is not KycStatus.REJECTED:
        wanted.append(("document", submission.number_key))
    return wanted
