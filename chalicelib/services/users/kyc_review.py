"""Reviewing KYC submissions: each view is logged, each submission decided once."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chalicelib import log
from chalicelib.domain.kyc import KycStatus, Papers
from chalicelib.domain.notification_templates import Kind
from chalicelib.domain.problems import Problem
from chalicelib.domain.user import User
from chalicelib.services import outbox
from chalicelib.services.caller import Caller
from chalicelib.services.notifications import inbox
from chalicelib.tables import accounts, admin_log, identities, kyc, users
from chalicelib.tables.accounts import account_key
from chalicelib.tables.atomic import Ops, atomic
from chalicelib.tables.dynamodb import fetch
from chalicelib.tables.outbox import Message
from chalicelib.world import World

LINK_SECONDS = 60
MOST_WAITING = 500


@dataclass(frozen=True)
class Review:
    """A submission opened for an operator; the links stop working after a minute."""

    papers: Papers
    user: User
    document_number: str
    front_url: str
    back_url: str | None


def waiting(world: World, caller: Caller, *, page: int, page_size: int) -> tuple[Sequence[Review], int]:
    """A page of the undecided submissions, oldest first, each view on record; and how many wait in all, as far as
    MOST_WAITING."""
    everybody = kyc.papers_pending(world.now(), MOST_WAITING)
    pending = everybody[(page - 1) * page_size : page * page_size]
    reviews = [review for papers in pending if (review := _opened(world, papers)) is not None]
    _log_views(world, caller, [review.papers.user_id for review in reviews])
    return reviews, len(everybody)


def decide_submission(world: World, caller: Caller, named: str, *, approved: bool, reason: str | None) -> Review:
    """Approve or reject, once, and tell the user. A document that is rejected is free for others until it is handed
    in again.

    `named` is a submission's id, or a user's: then whatever the user has handed in is decided. Raises Problem:
    not_found, kyc_already_decided, kyc_superseded when the user has handed in others than were named.
    """
    user_id = named.partition(".")[0]
    papers_key = kyc.papers_key(user_id)
    handed_in = fetch(papers_key)[papers_key]
    if handed_in is None:
        raise Problem("not_found")
    # Opened first: a vault that is away must not leave a decision behind whose answer is an error.
    seen = _review(world, handed_in)

    def decide(ops: Ops) -> tuple[Papers, list[Message]]:
        keys = account_key(user_id), papers_key
        found = fetch(*keys)
        account, papers = found[keys[0]], found[keys[1]]
        if account is None or account.deleted or papers is None:
            raise Problem("not_found")
        if named not in (user_id, papers.submission_id):
            raise Problem("kyc_superseded")
        decided = papers.decided(approved, by=caller.user_id, at=world.now(), reason=reason)
        accounts.save(ops, replace(account, kyc_status=decided.status))
        return decided, _write_decision(ops, world, caller, decided, reason)

    decided, news = atomic(world, decide)
    outbox.send(world, news)
    log.fact("kyc_decided", user_id=user_id, status=decided.status.value)
    same = decided.submission_id == handed_in.submission_id
    return replace(seen, papers=decided) if same else _review(world, decided)


def _write_decision(ops: Ops, world: World, caller: Caller, decided: Papers, reason: str | None) -> list[Message]:
    """The papers, the record of who decided and saw them, and what the user is told."""
    kyc.save_papers(ops, decided)
    rejected = decided.status is KycStatus.REJECTED
    if rejected:
        # Whoever typed in somebody else's number must not keep it from them.
        identities.free_identity(ops, "document", decided.number_key)
    admin_log.log_admin(
        ops,
        entry=world.new_id(),
        admin_id=caller.user_id,
        action="kyc_decided",
        target=decided.user_id,
        changes={"status": decided.status.value, "reason": reason},
        at=world.now(),
    )
    # The answer shows them once more.
    _log_view(ops, world, caller, [decided.user_id])
    kind = Kind.KYC_REJECTED if rejected else Kind.KYC_APPROVED
    return inbox.tell(ops, world, decided.user_id, kind, {"reason": reason} if reason else {})


def _review(world: World, papers: Papers) -> Review:
    """Raises Problem("not_found") when the user has gone."""
    review = _opened(world, papers)
    if review is None:
        raise Problem("not_found")
    return review


def _opened(world: World, papers: Papers) -> Review | None:
    """None when the user has gone: nobody looks at papers that are still to be erased."""
    user_key, of_user = users.user_key(papers.user_id), account_key(papers.user_id)
    found = fetch(user_key, of_user)
    user, account = found[user_key], found[of_user]
    if user is None or account is None or account.deleted:
        return None
    until: datetime = world.now() + timedelta(seconds=LINK_SECONDS)
    number = world.vault.open(papers.sealed_number, about=papers.user_id)
    front = world.media.private_link(papers.front_id, papers.front_format, until=until)
    back = None
    if papers.back_id and papers.back_format:
        back = world.media.private_link(papers.back_id, papers.back_format, until=until)
    return Review(papers, user, number, front, back)


def _log_views(world: World, caller: Caller, user_ids: Sequence[str]) -> None:
    if user_ids:
        atomic(world, lambda ops: _log_view(ops, world, caller, user_ids))


def _log_view(ops: Ops, world: World, caller: Caller, user_ids: Sequence[str]) -> None:
    admin_log.log_admin(
        ops,
        entry=world.new_id(),
        admin_id=caller.user_id,
        action="kyc_viewed",
        target="submissions",
        changes={"user_ids": list(user_ids)},
        at=world.now(),
    )
