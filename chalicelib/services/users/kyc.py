"""Submitting KYC documents: their number encrypted, their images at the media store."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from chalicelib import log
from chalicelib.domain.document import one_spelling
from chalicelib.domain.kyc import KycStatus, Papers
from chalicelib.domain.problems import Problem
from chalicelib.domain.upload import Purpose, Upload
from chalicelib.services import outbox
from chalicelib.services.caller import Caller, again
from chalicelib.services.media import lifecycle, uploads
from chalicelib.services.users.profile import person
from chalicelib.tables import accounts, identities, kyc
from chalicelib.tables.atomic import Ops, atomic
from chalicelib.tables.outbox import Message
from chalicelib.world import World


@dataclass(frozen=True)
class Submission:
    """What a customer hands in. An image is a file as it was sent, or the id of an upload of theirs for papers."""

    document_type: str
    document_number: str
    issued_district: str
    issued_date: str
    front: bytes | str
    back: bytes | str | None = None


def submit(world: World, caller: Caller, submission: Submission) -> Papers:
    """Hand in or, until approved, hand in anew.

    Raises Problem: image_invalid, too_large, upload_unusable, upload_limit_reached, kyc_already_approved,
    document_already_used, media_unavailable. What the last submission showed is forgotten.
    """
    _, before = person(caller)
    if before is not None and before.status is KycStatus.APPROVED:
        raise Problem("kyc_already_approved")
    images = _images(world, caller, [one for one in (submission.front, submission.back) if one is not None])
    papers = _papers(world, caller.user_id, submission, images)

    def decide(ops: Ops) -> list[Message]:
        who = again(world, caller, ops)
        _, kept = person(who)
        if kept is not None and kept.status is KycStatus.APPROVED:
            raise Problem("kyc_already_approved")
        held = kept.number_key if kept is not None and kept.status is not KycStatus.REJECTED else None
        if held != papers.number_key:
            used = Problem("document_already_used")
            identities.claim_identity(ops, "document", papers.number_key, who.user_id, refused=used)
            if held is not None:
                identities.free_identity(ops, "document", held)
        kyc.save_papers(ops, replace(papers, version=kept.version if kept else 0))
        accounts.save(ops, replace(who.account, kyc_status=KycStatus.PENDING))
        for image in {one.upload_id: one for one in images}.values():
            lifecycle.use(ops, image)
        superseded = (kept.image_ids() if kept else set()) - papers.image_ids()
        return [lifecycle.let_go(ops, world, who.user_id, public_id) for public_id in sorted(superseded)]

    outbox.send(world, atomic(world, decide))
    log.fact("kyc_submitted", user_id=caller.user_id)
    return papers


def _images(world: World, caller: Caller, given: Sequence[bytes | str]) -> list[Upload]:
    """The images at the media store. None is put there before all of them are known to be good."""
    ready = [
        lifecycle.usable(world, caller.user_id, one, purpose=Purpose.KYC)
        if isinstance(one, str)
        else uploads.picture(world, one)
        for one in given
    ]
    return [
        one if isinstance(one, Upload) else uploads.store(world, caller.user_id, one, Purpose.KYC) for one in ready
    ]


def _papers(world: World, user_id: str, submission: Submission, images: Sequence[Upload]) -> Papers:
    front, back = images[0], images[1] if len(images) > 1 else None
    plain = submission.document_number
    spelling = one_spelling(plain, submission.issued_district)
    digest = world.peppers.digest("document", submission.document_type, *spelling)
    return Papers(
        user_id,
        submission.document_type,
        world.vault.seal(plain, about=user_id),
        digest.hex(),
        submission.issued_district,
        submission.issued_date,
        front.public_id,
        str(front.format),
        world.now(),
        back_id=back.public_id if back else None,
        back_format=back.format if back else None,
    )
