"""Every kind of violation that can be planted: whose row is changed, how, and which rule of the audit finds it."""

from collections.abc import Mapping

from chalicelib.tables.accounts import AccountRow
from chalicelib.tables.coupons import CouponCounterRow, CouponRow, CouponUseRow, UserCouponCountRow
from chalicelib.tables.day_counters import USER, CountedRow
from chalicelib.tables.idempotency import IdempotencyRow
from chalicelib.tables.identities import IdentityRow
from chalicelib.tables.leaderboards import ScoreRow
from chalicelib.tables.open_items import OpenItemRow
from chalicelib.tables.otp import ChallengeRow
from chalicelib.tables.postings import PostingRow
from infra.local.control.hardware_violations import HARDWARE
from infra.local.control.money_violations import MONEY
from infra.local.control.violation_changes import (
    UNKNOWN_ID,
    Kind,
    challenge,
    changed,
    coupon,
    coupon_counter,
    deleted,
    guessed_often,
    has_known_resource,
    identity,
    key,
    last_but_one_posting,
    raised,
    row_of_user,
    score,
    signup_identity,
    with_second_factor,
)

_account = key("user_id")

KINDS: Mapping[str, Kind] = {
    "wallet_raised": Kind(
        AccountRow, _account, raised("wallet_paisa"), "balance_differs", "The wallet holds a paisa too much."
    ),
    "posting_lost": Kind(
        PostingRow, last_but_one_posting, deleted, "sequence_has_a_gap", "The last but one posting is gone."
    ),
    "account_lost": Kind(AccountRow, _account, deleted, "postings_without_account", "The account's row is gone."),
    "rental_invented": Kind(
        AccountRow,
        _account,
        changed(open_rental_id=UNKNOWN_ID),
        "open_rental_differs",
        "The account names an open rental that does not exist.",
    ),
    "identity_lost": Kind(IdentityRow, identity, deleted, "identity_gone", "The row of the phone number is gone."),
    "kyc_changed": Kind(
        AccountRow,
        _account,
        changed(kyc_status="rejected"),
        "kyc_status_differs",
        "The account's KYC status is another than that of its submission.",
    ),
    "rentals_miscounted": Kind(
        AccountRow, _account, raised("rentals_count"), "usage_differs", "The account counts a rental too many."
    ),
    "achievements_miscounted": Kind(
        AccountRow,
        _account,
        raised("achievements_count"),
        "achievements_count_differs",
        "The account counts an achievement too many.",
    ),
    "score_lost": Kind(ScoreRow, score, deleted, "score_differs", "The leaderboard's row of the user is gone."),
    "account_deleted": Kind(
        AccountRow,
        _account,
        changed(status="deleted"),
        "deleted_account_has_person",
        "The account counts as deleted, and all of the person's data are there.",
    ),
    "second_factor_invented": Kind(
        AccountRow,
        _account,
        with_second_factor,
        "second_factor_differs",
        "The account says that it has a second factor, and there is none.",
    ),
    "code_guessed_often": Kind(
        ChallengeRow,
        challenge,
        guessed_often,
        "otp_tried_too_often",
        "A code (`id` is the phone number or e-mail address) was tried a thousand times.",
    ),
    "referrals_miscounted": Kind(
        AccountRow,
        _account,
        raised("referrals_count"),
        "referrals_count_differs",
        "The account counts a referral too many.",
    ),
    "coupon_raised": Kind(
        CouponUseRow,
        row_of_user(CouponUseRow, "use_id"),
        raised("points"),
        "coupon_points_differ",
        "The use of a coupon counts a point more than was posted.",
    ),
    "coupon_lost": Kind(CouponRow, coupon, deleted, "used_coupon_gone", "A coupon that the user used is gone."),
    "coupon_count_lost": Kind(
        UserCouponCountRow,
        row_of_user(UserCouponCountRow, "code"),
        deleted,
        "coupon_count_gone",
        "The row that counts the user's uses of a coupon is gone.",
    ),
    "coupon_counter_lost": Kind(
        CouponCounterRow,
        coupon_counter,
        deleted,
        "coupon_counter_behind",
        "The counter that counted the user's use of a coupon is gone.",
    ),
    "signup_forgotten": Kind(
        IdentityRow,
        signup_identity,
        deleted,
        "signup_identity_gone",
        "No row says that the phone number has had its points for the sign-up.",
    ),
    "open_item_lost": Kind(
        OpenItemRow,
        row_of_user(OpenItemRow, "item"),
        deleted,
        "open_item_missing",
        "The row that keeps an account with an open refund from being deleted is gone.",
    ),
    "day_miscounted": Kind(
        CountedRow,
        row_of_user(CountedRow, "subject", lambda row: row.subject != USER),
        changed(facts="{}"),
        "day_counts_differ",
        "A rental or a top-up counts as not counted.",
    ),
    "response_without_effect": Kind(
        IdempotencyRow,
        row_of_user(IdempotencyRow, "name", has_known_resource),
        changed(resource_id=UNKNOWN_ID),
        "answered_without_effect",
        "The stored response of a request names a row that does not exist.",
    ),
    "row_damaged": Kind(
        ChallengeRow,
        challenge,
        lambda item: item | {"guesses": {"M": {"a": {"N": "1000"}}}, "state": {"S": "nonsense"}},
        "row_not_readable",
        "The row of a code (`id` is the phone number or e-mail address) can't be read.",
    ),
    **MONEY,
    **HARDWARE,
}
