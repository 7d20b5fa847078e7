"""Every kind of violation that can be planted: whose row is changed, how, and which rule of the audit finds it."""

from collections.abc import Mapping

from chalicelib.domain.payments.topup_intent import IntentState
from chalicelib.tables.accounts import AccountRow
from chalicelib.tables.balance_additions import BalanceAdditionRow
from chalicelib.tables.coupons import CouponUseRow
from chalicelib.tables.day_counters import USER, CountedRow
from chalicelib.tables.idempotency import IdempotencyRow
from chalicelib.tables.identities import IdentityRow
from chalicelib.tables.intents import IntentRow
from chalicelib.tables.leaderboards import ScoreRow
from chalicelib.tables.open_items import OpenItemRow
from chalicelib.tables.otp import ChallengeRow
from chalicelib.tables.postings import PostingRow
from chalicelib.tables.powerbanks import PowerbankRow
from chalicelib.tables.refunds import RefundRow
from chalicelib.tables.rentals import RentalRow
from infra.local.control.violation_changes import (
    LONG_AGO,
    UNKNOWN_ID,
    Kind,
    as_rented,
    challenge,
    changed,
    decided_by_requester,
    deleted,
    guessed_often,
    has_known_resource,
    identity,
    key,
    last_but_one_posting,
    number,
    raised,
    row_of_user,
    score,
    with_second_factor,
)

_account = key("user_id")
_addition = row_of_user(BalanceAdditionRow, "addition_id")
_rental = row_of_user(RentalRow, "rental_id")
_refund = row_of_user(RefundRow, "refund_id")

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
    "powerbank_given_away": Kind(
        PowerbankRow,
        key("powerbank_sn"),
        as_rented,
        "custody_differs_from_rental",
        "The power bank (`id` is its serial number) counts as rented by nobody.",
    ),
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
    "addition_lost": Kind(
        BalanceAdditionRow, _addition, deleted, "posting_without_addition", "What an operator added has no row."
    ),
    "addition_reopened": Kind(
        BalanceAdditionRow,
        _addition,
        changed(state="pending"),
        "addition_not_posted_once",
        "What an operator added waits for a decision, though it is posted.",
    ),
    "addition_raised": Kind(
        BalanceAdditionRow,
        _addition,
        raised("amount_paisa"),
        "addition_amount_differs",
        "The row of an addition has a paisa more than its posting.",
    ),
    "addition_decided_alone": Kind(
        BalanceAdditionRow,
        _addition,
        decided_by_requester,
        "addition_decided_by_party",
        "The operator who asked for an addition decided it.",
    ),
    "addition_forgotten": Kind(
        AccountRow,
        _account,
        raised("added_spent_paisa"),
        "added_money_differs",
        "The account counts a paisa of added money too many.",
    ),
    "addition_above_balance": Kind(
        AccountRow,
        _account,
        number("added_paisa", 10**9),
        "added_money_above_balance",
        "The account counts more added money than it holds.",
    ),
    "credit_moved": Kind(
        IntentRow,
        row_of_user(IntentRow, "intent_id", lambda row: row.state is IntentState.SUCCESS),
        raised("credited_seq"),
        "topup_posting_differs",
        "A top-up names another posting than its own.",
    ),
    "rental_payment_raised": Kind(
        RentalRow,
        _rental,
        raised("wallet_paid_paisa"),
        "rental_paid_differs",
        "A rental counts a paisa more as paid than was posted.",
    ),
    "due_invented": Kind(
        AccountRow,
        _account,
        raised("due_rental_paisa"),
        "due_of_rental_differs",
        "The account owes a paisa for a rental that nobody charged.",
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
    "refund_decided_alone": Kind(
        RefundRow,
        _refund,
        decided_by_requester,
        "refund_decided_by_requester",
        "Who asked for a refund decided it.",
    ),
    "refund_forgotten": Kind(
        RefundRow,
        _refund,
        changed(next_check_at=LONG_AGO),
        "refund_left_open",
        "A refund should have been looked up years ago.",
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
}
