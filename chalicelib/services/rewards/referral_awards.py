"""Awards the points of a referral to both customers in one transaction, at the first completed rental."""

from dataclasses import replace

from chalicelib import log
from chalicelib.domain.accounts.account import Account
from chalicelib.domain.accounts.referral import ReferralState
from chalicelib.domain.notifications.notification_kinds import NotificationKind
from chalicelib.domain.problems.problems import Problem
from chalicelib.domain.rewards.point_rules import invitee_award, inviter_award
from chalicelib.services.notifications import inbox
from chalicelib.services.rewards import award_postings, referral_checks
from chalicelib.tables import accounts, identities, kyc, users
from chalicelib.tables.atomic import Transaction, atomic
from chalicelib.tables.dynamodb import fetch
from chalicelib.world import World


def settle(world: World, user_id: str) -> str | None:
    """Award the referral of a customer who has completed a rental, once. Returns the referrer, None without one.

    A rental counts once nobody can cancel it any more.
    The accounts decide, and not the message that calls it: it may come again, late and in any order. The claim ends
    as refused, without points for anybody, when the accounts belong to one person or one of them is deleted.
    """
    account_key, user_key = accounts.account_key(user_id), users.user_key(user_id)
    submission_key = kyc.kyc_submission_key(user_id)

    def decide(ops: Transaction) -> tuple[str | None, bool]:
        rows = fetch(account_key, user_key, submission_key)
        account, user, submission = rows[account_key], rows[user_key], rows[submission_key]
        if account is None or account.referrer_id is None:
            return None, False
        completed = account.final_counts(world.now()).has_completed_rental
        if account.referral_state is not ReferralState.CLAIMED or not completed:
            return account.referrer_id, False
        if account.deleted or user is None or submission is None:
            accounts.save(ops, replace(account, referral_state=ReferralState.REFUSED))
            return account.referrer_id, False
        checks = referral_checks.keys(world, user, submission, account.referrer_id)
        found = fetch(*checks.all())
        referrer = found[accounts.account_key(account.referrer_id)]
        try:
            checks.must_be_another_person(found, user_id, account.referrer_id)
        except Problem:
            referrer = None
        if referrer is None or referrer.deleted:
            accounts.save(ops, replace(account, referral_state=ReferralState.REFUSED))
            return account.referrer_id, False
        _award(ops, world, replace(account, referral_state=ReferralState.REWARDED), referrer)
        identities.claim_identity(ops, referral_checks.REFERRED, submission.number_key, user_id, conflict=None)
        return account.referrer_id, True

    referrer_id, awarded = atomic(world, decide)
    if awarded:
        log.fact("referral_awarded", user_id=user_id)
    return referrer_id


def _award(ops: Transaction, world: World, invitee: Account, referrer: Account) -> None:
    settings = world.settings()
    counted = referrer.referral_rewarded(world.now())
    invited, inviter = NotificationKind.REFERRAL_INVITEE, NotificationKind.REFERRAL_INVITER
    for account, award, kind in (
        (invitee, invitee_award(invitee.user_id, settings), invited),
        (counted, inviter_award(referrer.user_id, invitee.user_id, settings), inviter),
    ):
        accounts.save(ops, award_postings.stage(ops, world, account, award.award_id, award.points))
        inbox.notify(ops, world, account.user_id, kind, {"points": award.points})
