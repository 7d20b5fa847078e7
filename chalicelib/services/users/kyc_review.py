"""Reviews KYC submissions: the audit log records each view, and each submission is decided once."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chalicelib import log
from chalicelib.domain.notifications.notification_kinds import NotificationKind
from chalicelib.domain.operators.admin_action import AdminAction
from chalicelib.domain.operators.numbered_page import MAX_LISTED, NumberedPage
from chalicelib.domain.problems.problems import Problem, must_exist
from chalicelib.domain.users.kyc import KycStatus, KycSubmission
from chalicelib.domain.users.user import User
from chalicelib.services import audit_log, field_encryption
from chalicelib.services.caller import Caller
from chalicelib.services.notifications import inbox
from chalicelib.tables import accounts, identities, kyc, operators, users
from chalicelib.tables.accounts import account_key
from chalicelib.tables.atomic import Transaction, atomic
from chalicelib.tables.dynamodb import fetch, fetch_one
from chalicelib.world import World

LINK_TTL_SECONDS = 60


@dataclass(frozen=True)
class Review:
    """A submission as an operator sees it. The links expire after a minute."""

    submission: KycSubmission
    user: User
    document_number: str
    front_url: str
    back_url: str | None
    reviewer_username: str | None
    """Who decided the submission. None while it is pending."""


def list_pending(world: World, caller: Caller, page: NumberedPage) -> tuple[Sequence[Review], int]:
    """A page of the pending submissions, oldest first, and their total up to MAX_LISTED. Every view is logged."""
    submissions = kyc.pending_kyc_submissions(world.now(), MAX_LISTED)
    reviews = [
        review for submission in page.of(submissions) if (review := _open_review(world, submission)) is not None
    ]
    if reviews:
        user_ids = [review.submission.user_id for review in reviews]
        atomic(world, lambda ops: _log_view(ops, world, caller, user_ids))
    return reviews, len(submissions)


def decide_submission(
    world: World, caller: Caller, submission_or_user_id: str, *, approved: bool, reason: str | None
) -> Review:
    """Approve or reject a submission once, and notify the user. A rejected document is free for other accounts.

    `submission_or_user_id` is the id of a submission, or of a user, for the user's current submission. Raises
    Problem: not_found, kyc_already_decided, kyc_superseded when the user has submitted other documents.
    """
    user_id = submission_or_user_id.partition(".")[0]
    submission_key = kyc.kyc_submission_key(user_id)
    current = must_exist(fetch_one(submission_key))
    # The documents are decrypted first: an unavailable vault must not turn a stored decision into an error.
    review = _review(world, current)

    def decide(ops: Transaction) -> KycSubmission:
        keys = account_key(user_id), submission_key
        rows = fetch(*keys)
        account, submission = rows[keys[0]], rows[keys[1]]
        if account is None or account.deleted or submission is None:
            raise Problem("not_found")
        if submission_or_user_id not in (user_id, submission.submission_id):
            raise Problem("kyc_superseded")
        decided = submission.decided(approved, by=caller.user_id, at=world.now(), reason=reason)
        accounts.save(ops, replace(account, kyc_status=decided.status))
        _write_decision(ops, world, caller, submission, decided, reason)
        return decided

    decided = atomic(world, decide)
    log.fact("kyc_decided", user_id=user_id, status=decided.status.value)
    same = decided.submission_id == current.submission_id
    if not same:
        return _review(world, decided)
    return replace(review, submission=decided, reviewer_username=_username(decided.decided_by))


def _write_decision(
    ops: Transaction,
    world: World,
    caller: Caller,
    before: KycSubmission,
    submission: KycSubmission,
    reason: str | None,
) -> None:
    """Stage the submission, the entries of the audit log, and the notification."""
    kyc.save_kyc_submission(ops, submission)
    rejected = submission.status is KycStatus.REJECTED
    if rejected:
        # A user who typed another person's number must not block that person.
        identities.remove_identity(ops, "document", submission.number_key)
    changes = {"before": {"status": before.status}, "after": {"status": submission.status}, "reason": reason}
    audit_log.record(ops, world, caller.user_id, AdminAction("kyc_decided", submission.user_id, changes))
    # The response shows the documents, so the view is logged.
    _log_view(ops, world, caller, [submission.user_id])
    kind = NotificationKind.KYC_REJECTED if rejected else NotificationKind.KYC_APPROVED
    inbox.notify(ops, world, submission.user_id, kind, {"reason": reason} if reason else {})


def _review(world: World, submission: KycSubmission) -> Review:
    """The review. Raises Problem("not_found") when the account was deleted."""
    return must_exist(_open_review(world, submission))


def _open_review(world: World, submission: KycSubmission) -> Review | None:
    """The review; None when the account was deleted, even if the documents are not erased yet."""
    user_key, owner_key = users.user_key(submission.user_id), account_key(submission.user_id)
    rows = fetch(user_key, owner_key)
    user, account = rows[user_key], rows[owner_key]
    if user is None or account is None or account.deleted:
        return None
    until: datetime = world.now() + timedelta(seconds=LINK_TTL_SECONDS)
    number = field_encryption.decrypt(world, submission.encrypted_number, submission.user_id)
    front = world.media.private_link(submission.front_id, submission.front_format, until=until)
    back = None
    if submission.back_id and submission.back_format:
        back = world.media.private_link(submission.back_id, submission.back_format, until=until)
    return Review(submission, user, number, front, back, _username(submission.decided_by))


def _username(operator_id: str | None) -> str | None:
    operator = fetch_one(operators.operator_key(operator_id)) if operator_id is not None else None
    return operator.username if operator is not None else None


def _log_view(ops: Transaction, world: World, caller: Caller, user_ids: Sequence[str]) -> None:
    changes = {"user_ids": list(user_ids)}
    audit_log.record(ops, world, caller.user_id, AdminAction("kyc_viewed", "submissions", changes))
