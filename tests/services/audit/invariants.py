"""The sixteen invariants, and the rules of the audit that each of them breaks."""

from collections.abc import Mapping

INVARIANTS: Mapping[int, frozenset[str]] = {
    1: frozenset({"balance_differs"}),
    2: frozenset(
        {
            "account_behind_its_postings",
            "hash_chain_broken",
            "posting_balance_differs",
            "posting_out_of_time",
            "sequence_has_a_gap",
        }
    ),
    3: frozenset({"posting_moves_foreign_account", "posting_unbalanced", "postings_without_account"}),
    4: frozenset(
        {
            "credited_reference_differs",
            "credited_reference_gone",
            "reference_gone",
            "reference_of_another",
            "reference_credited_twice",
            "reference_without_intent",
            "topup_not_credited_once",
            "topup_posting_differs",
        }
    ),
    5: frozenset({"open_rental_differs"}),
    6: frozenset(
        {
            "bank_gone",
            "bank_taken_out_and_elsewhere",
            "bank_without_its_slot",
            "custody_differs_from_rental",
            "binding_gone",
            "binding_of_another",
            "binding_without_station",
            "cabinet_of_another_imei",
            "cabinet_without_station",
            "open_rental_without_its_bank",
            "station_without_cabinet",
            "two_banks_for_a_rental",
            "two_banks_in_a_slot",
        }
    ),
    7: frozenset(
        {
            "due_time_differs",
            "late_fee_wrong",
            "rental_hold_differs",
            "rental_charged_wrong",
            "rental_due_differs",
            "rental_paid_differs",
            "swapped_out_of_time",
        }
    ),
    8: frozenset(
        {
            "due_of_rental_differs",
            "due_of_reversals_differs",
            "due_without_rental",
            "reversal_due_not_collected",
        }
    ),
    9: frozenset({"otp_tried_too_often"}),
    10: frozenset(
        {
            "achievement_points_differ",
            "coupon_counter_behind",
            "coupon_points_differ",
            "signup_identity_gone",
            "used_coupon_gone",
            "coupon_used_too_often",
            "points_awarded_twice",
            "referral_of_one_side",
            "referral_points_differ",
            "referral_without_referrer",
            "referrals_count_differs",
            "rental_points_differ",
            "signup_points_awarded_twice",
            "topup_points_differ",
        }
    ),
    11: frozenset(
        {
            "added_money_above_balance",
            "added_money_differs",
            "addition_amount_differs",
            "addition_decided_by_party",
            "addition_not_posted_once",
            "posting_without_addition",
            "posting_without_refund",
            "refund_decided_by_requester",
            "refund_legs_differ",
            "refund_open_differs",
            "refund_postings_differ",
            "refund_totals_differ",
            "refunded_more_than_paid",
        }
    ),
    12: frozenset(
        {
            "bank_unknown_too_long",
            "eject_left_open",
            "message_left_open",
            "overdue_rental_not_lost",
            "money_of_deleted_account_waits",
            "refund_left_open",
        }
    ),
    13: frozenset(
        {
            "credentials_gone",
            "identity_gone",
            "identity_not_of_its_user",
            "identity_of_another",
            "identity_without_user",
            "operator_gone",
            "operators_without_account",
            "user_gone",
            "users_without_account",
        }
    ),
    14: frozenset(
        {
            "deleted_account_has_devices",
            "deleted_account_has_due",
            "deleted_account_has_identity",
            "deleted_account_has_issues",
            "deleted_account_has_money",
            "deleted_account_has_open_rental",
            "deleted_account_has_person",
            "deleted_account_has_sessions",
            "deleted_account_has_submission",
        }
    ),
    15: frozenset(
        {
            "achievements_count_differs",
            "coupon_count_differs",
            "coupon_count_gone",
            "day_counts_differ",
            "device_count_differs",
            "kyc_status_differs",
            "kyc_submission_gone",
            "open_item_missing",
            "open_item_names_nothing_open",
            "period_counts_differ",
            "points_by_source_differ",
            "profile_complete_differs",
            "score_differs",
            "second_factor_differs",
            "profile_reminder_differs",
            "usage_differs",
        }
    ),
    16: frozenset({"answered_without_effect", "row_not_readable"}),
}
