"""Submits KYC documents: the number is encrypted, and the images go to the media store."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from chalicelib import log
from chalicelib.domain.problems.problems import Problem
from chalicelib.domain.users.citizenship_number import number_digits
from chalicelib.domain.users.kyc import KycStatus, KycSubmission
from chalicelib.domain.users.upload import Purpose, Upload
from chalicelib.services import field_encryption
from chalicelib.services.caller import Caller, fresh_caller
from chalicelib.services.media import removal, upload_checks, uploads
from chalicelib.services.users.profile import load_profile
from chalicelib.tables import accounts, identities, kyc
from chalicelib.tables.atomic import Transaction, atomic
from chalicelib.world import World


@dataclass(frozen=True)
class KycForm:
    """A customer's submission. An image is either bytes, or the id of an upload of the customer with purpose kyc."""

    document_type: str
    document_number: str
    issued_district: str
    issued_date: str
    front: bytes | str
    back: bytes | str | None = None


def submit(world: World, caller: Caller, form: KycForm) -> KycSubmission:
    """Submit the documents, or submit them again until they are approved. The images of the last submission are
    deleted.

    Raises Problem: image_invalid, too_large, upload_unusable, upload_limit_reached, kyc_already_approved,
    document_already_used, media_unavailable.
    """
    _, before = load_profile(caller)
    if before is not None and before.status is KycStatus.APPROVED:
        raise Problem("kyc_already_approved")
    images = _images(world, caller, [image for image in (form.front, form.back) if image is not None])
    submission = _build_submission(world, caller.user_id, form, images)

    def decide(ops: Transaction) -> None:
        current_caller = fresh_caller(world, caller, ops)
        _, previous = load_profile(current_caller)
        if previous is not None and previous.status is KycStatus.APPROVED:
            raise Problem("kyc_already_approved")
        held_number_key = (
            previous.number_key if previous is not None and previous.status is not KycStatus.REJECTED else None
        )
        if held_number_key != submission.number_key:
            used = Problem("document_already_used")
            identities.claim_identity(ops, "document", submission.number_key, current_caller.user_id, conflict=used)
            if held_number_key is not None:
                identities.remove_identity(ops, "document", held_number_key)
        kyc.save_kyc_submission(ops, replace(submission, version=previous.version if previous else 0))
        accounts.save(ops, replace(current_caller.account, kyc_status=KycStatus.PENDING))
        for image in {upload.upload_id: upload for upload in images}.values():
            upload_checks.mark_used(ops, image)
        superseded = (previous.image_ids() if previous else set()) - submission.image_ids()
        for public_id in sorted(superseded):
            removal.remove_file(ops, world, current_caller.user_id, public_id)

    atomic(world, decide)
    log.fact("kyc_submitted", user_id=caller.user_id)
    return submission


def _images(world: World, caller: Caller, files: Sequence[bytes | str]) -> list[Upload]:
    """The images at the media store. All are checked before the first one is stored."""
    ready = [
        upload_checks.require_usable(world, caller.user_id, image, purpose=Purpose.KYC)
        if isinstance(image, str)
        else uploads.clean_image(world, image)
        for image in files
    ]
    return [
        image if isinstance(image, Upload) else uploads.store(world, caller.user_id, image, Purpose.KYC)
        for image in ready
    ]


def _build_submission(world: World, user_id: str, form: KycForm, images: Sequence[Upload]) -> KycSubmission:
    front, back = images[0], images[1] if len(images) > 1 else None
    plain = form.document_number
    digest = world.digests.digest("document", form.document_type, number_digits(plain))
    return KycSubmission(
        user_id,
        form.document_type,
        field_encryption.encrypt(world, plain, user_id),
        digest.hex(),
        form.issued_district,
        form.issued_date,
        front.public_id,
        str(front.format),
        world.now(),
        back_id=back.public_id if back else None,
        back_format=back.format if back else None,
    )
