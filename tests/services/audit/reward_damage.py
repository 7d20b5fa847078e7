"""Damages referrals and uses of coupons, each with the rule of the audit that it breaks."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from chalicelib.domain.accounts.referral import ReferralState
from chalicelib.domain.accounts.score import Counts
from chalicelib.domain.money import ledger, ledger_entries
from chalicelib.domain.rewards.achievement import UnlockedAchievement
from chalicelib.domain.rewards.coupon import Coupon, CouponUse, UserCouponCount
from chalicelib.domain.rewards.leaderboard import score_shard_of
from chalicelib.domain.rewards.point_rules import INVITER, REFERRAL
from chalicelib.services.analytics import counting
from chalicelib.services.auth.referral_claims import BONUS
from chalicelib.services.promotions.coupons import apply_coupon, apply_keys
from chalicelib.services.rewards import score_counting
from chalicelib.tables import accounts, achievements, coupons, postings
from chalicelib.tables.atomic import Transaction, atomic
from chalicelib.tables.day_counters import CountedRow
from chalicelib.tables.identities import IdentityRow
from chalicelib.tables.leaderboards import ScoreRow
from tests.services.audit.row_damage import change_account, customer_of, first
from tests.world.builders import account
from tests.world.network import Network


def rewarded_without_points(network: Network) -> None:
    change_account(network, referral_state=ReferralState.REWARDED, referrer_id="somebody")


def claimed_from_nobody(network: Network) -> None:
    change_account(network, referral_state=ReferralState.CLAIMED)


def referral_counted_twice(network: Network) -> None:
    change_account(network, referrals_count=1)


def referral_of_nobody(network: Network) -> None:
    """The referrer has the points, and the other customer does not exist."""
    user_id = customer_of(network)
    entry = ledger_entries.award_points(100)

    def decide(ops: Transaction) -> None:
        ref = f"{REFERRAL}nobody{INVITER}"
        after, posting = ledger.post(account(user_id), entry, ref, network.world.now())
        accounts.save(ops, replace(after, referrals_count=1))
        postings.add(ops, posting)

    atomic(network.world, decide)


def coupon_use_without_points(network: Network) -> None:
    now = network.world.now()
    use = CouponUse(customer_of(network), "u", "DASHAIN", "Dashain", 5, now)
    atomic(network.world, lambda ops: coupons.add_use(ops, use))


def coupon_over_its_cap(network: Network) -> None:
    now = network.world.now()
    coupon = Coupon("DASHAIN", "Dashain", 5, 1, now, now + timedelta(days=1), max_total_uses=3)
    atomic(network.world, lambda ops: coupons.save(ops, coupon))
    coupons.CouponCounterRow(counter="DASHAIN#0", uses_count=4).save()


def used_coupon(network: Network) -> CouponUse:
    """A coupon that the customer used, as the service does it."""
    now, user_id = network.world.now(), customer_of(network)
    coupon = Coupon("DASHAIN", "Dashain", 5, 1, now, now + timedelta(days=1), max_total_uses=30)
    atomic(network.world, lambda ops: coupons.save(ops, coupon))
    caller = network.sessions[user_id].caller(network.world, *apply_keys(user_id, "DASHAIN"))
    return apply_coupon(network.world, caller, "DASHAIN", "192.0.2.7")


def coupon_count_lost(network: Network) -> None:
    used_coupon(network)
    first(coupons.UserCouponCountRow).delete()


def coupon_counter_lowered(network: Network) -> None:
    used_coupon(network)
    first(coupons.CouponCounterRow).update([coupons.CouponCounterRow.uses_count.add(-1)])


def coupon_counter_lost(network: Network) -> None:
    used_coupon(network)
    first(coupons.CouponCounterRow).delete()


def used_coupon_lost(network: Network) -> None:
    use = used_coupon(network)
    coupons.CouponRow(partition=coupons.ALL, code=use.code).delete()


def signup_forgotten(_: Network) -> None:
    for row in IdentityRow.scan():
        if row.identity.startswith(f"{BONUS}#"):
            row.delete()


def achievement_without_points(network: Network) -> None:
    unlocked = UnlockedAchievement(customer_of(network), "rental-master", 200, network.world.now())
    atomic(network.world, lambda ops: achievements.add(ops, unlocked))


def achievement_counted_twice(network: Network) -> None:
    change_account(network, achievements_count=1)


def score_counted_wrong(network: Network) -> None:
    user_id = customer_of(network)
    score_counting.count_changed(network.world)
    ScoreRow(score_shard_of(user_id), user_id).update([ScoreRow.scores.set({"all": (7, 0, 70, 0, 0)})])


def score_lost(network: Network) -> None:
    user_id = customer_of(network)
    score_counting.count_changed(network.world)
    ScoreRow(score_shard_of(user_id), user_id).delete()


def week_counted_twice(network: Network) -> None:
    recent = account(customer_of(network)).recent_counts
    change_account(network, recent_counts=recent.after(network.world.now(), Counts(points=5)))


def topup_counted_wrong(network: Network) -> None:
    user_id = customer_of(network)
    counting.count_changed(network.world)
    row = next(iter(CountedRow.query(user_id, CountedRow.subject.startswith("intent#"))))
    row.update([CountedRow.facts.set({"network|2026-11-23|payments.khalti.success": 2})])


def rental_counted_wrong(network: Network) -> None:
    counting.count_changed(network.world)
    row = next(iter(CountedRow.query(customer_of(network), CountedRow.subject.startswith("rental#"))))
    row.update([CountedRow.facts.set({})])


def coupon_counted_twice(network: Network) -> None:
    """A customer's second use of a coupon that is not there."""
    user, now = customer_of(network), network.world.now()
    use = CouponUse(user, "u", "DASHAIN", "Dashain", 5, now)
    atomic(network.world, lambda ops: coupons.add_use(ops, use))
    count = UserCouponCount(user, "DASHAIN", 2)
    atomic(network.world, lambda ops: coupons.save_count(ops, count))


REWARD_DAMAGE: list[tuple[Callable[[Network], None], str]] = [
    (rewarded_without_points, "referral_points_differ"),
    (claimed_from_nobody, "referral_without_referrer"),
    (referral_counted_twice, "referrals_count_differs"),
    (referral_of_nobody, "referral_of_one_side"),
    (coupon_use_without_points, "coupon_points_differ"),
    (coupon_counted_twice, "coupon_count_differs"),
    (coupon_count_lost, "coupon_count_gone"),
    (coupon_counter_lowered, "coupon_counter_behind"),
    (coupon_counter_lost, "coupon_counter_behind"),
    (used_coupon_lost, "used_coupon_gone"),
    (signup_forgotten, "signup_identity_gone"),
    (achievement_counted_twice, "achievements_count_differs"),
    (score_counted_wrong, "score_differs"),
    (score_lost, "score_differs"),
    (topup_counted_wrong, "day_counts_differ"),
    (rental_counted_wrong, "day_counts_differ"),
    (week_counted_twice, "period_counts_differ"),
    (achievement_without_points, "achievement_points_differ"),
    (coupon_over_its_cap, "coupon_used_too_often"),
]
