"""The audit of one account's referrals: each has points for both customers, once, or for neither."""

from collections.abc import Iterator

from chalicelib.domain.accounts.referral import ReferralState
from chalicelib.domain.operations.audit import Violation
from chalicelib.domain.rewards.point_rules import invitee_award_id, invitee_of_award
from chalicelib.services.audit.account_case import AccountCase


def referral_violations(case: AccountCase) -> Iterator[Violation]:
    """Every rule about the account's own claim, and about the claims of its code, that does not hold."""
    account, user_id = case.account, case.account.user_id
    own_award_id, is_rewarded = invitee_award_id(user_id), account.referral_state is ReferralState.REWARDED
    if case.part.holds(own_award_id) and is_rewarded != (own_award_id in case.ledger.refs):
        yield Violation("referral_points_differ", user_id, f"{account.referral_state}")
    if case.part.is_first:
        if (account.referrer_id is None) != (account.referral_state is None):
            yield Violation("referral_without_referrer", user_id)
        if account.referrals_count != case.ledger.invitees_count:
            counts = f"{account.referrals_count} {case.ledger.invitees_count}"
            yield Violation("referrals_count_differs", user_id, counts)
    for invitee_id in [name for ref in case.ledger.refs if (name := invitee_of_award(ref)) is not None]:
        invitee = case.invitees.get(invitee_id)
        rewarded = invitee is not None and invitee.referral_state is ReferralState.REWARDED
        if not rewarded or invitee is None or invitee.referrer_id != user_id:
            yield Violation("referral_of_one_side", user_id, invitee_id)
