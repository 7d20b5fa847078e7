"""The problem codes of the API, as types: a code that is not declared here is a type error."""

from typing import Literal, NamedTuple

RetryCode = Literal[
    "busy",
    "cabinet_unavailable",
    "email_unavailable",
    "gateway_unavailable",
    "issue_limit_reached",
    "media_unavailable",
    "otp_limit_reached",
    "otp_resend_too_soon",
    "rate_limited",
    "sms_unavailable",
    "station_offline",
    "storage_unavailable",
    "upload_limit_reached",
]
"""Codes with status 429 or 503. Their Problem needs the seconds for `Retry-After`."""
FinalCode = Literal[
    "account_banned",
    "account_deleted",
    "already_refunded",
    "already_registered",
    "amount_out_of_range",
    "balance_left",
    "broadcast_just_sent",
    "cabinet_connected",
    "cancel_too_late",
    "coupon_already_used",
    "coupon_dates_wrong",
    "coupon_expired",
    "coupon_not_started",
    "coupon_unknown",
    "coupon_used_up",
    "document_already_used",
    "due_unpaid",
    "eject_failed",
    "extension_limit_reached",
    "extension_not_needed",
    "extension_too_late",
    "favorites_full",
    "forbidden",
    "idempotency_in_progress",
    "idempotency_key_reused",
    "image_invalid",
    "insufficient_funds",
    "intent_not_cancellable",
    "intent_not_disputed",
    "internal_error",
    "invalid_cursor",
    "invalid_input",
    "issue_already_reported",
    "kyc_already_approved",
    "kyc_already_decided",
    "kyc_required",
    "kyc_superseded",
    "malformed_body",
    "method_not_allowed",
    "name_taken",
    "no_powerbank_available",
    "not_found",
    "not_refundable",
    "not_registered",
    "nothing_due",
    "otp_wrong",
    "package_not_for_extension",
    "package_unavailable",
    "payment_method_unavailable",
    "powerbank_not_returned",
    "profile_incomplete",
    "referral_already_claimed",
    "referral_code_invalid",
    "referral_own_code",
    "referral_too_late",
    "refund_already_decided",
    "refund_in_progress",
    "refund_open",
    "refund_own_request",
    "refund_points_spent",
    "refund_spent",
    "rental_issue_limit_reached",
    "rental_issue_too_late",
    "rental_not_active",
    "rental_open",
    "return_already_assigned",
    "return_url_not_allowed",
    "reversal_already_decided",
    "session_ended",
    "station_busy",
    "station_in_maintenance",
    "token_expired",
    "too_large",
    "topup_over",
    "topup_pending",
    "unauthenticated",
    "unsupported_media_type",
    "upload_unusable",
    "username_taken",
    "verification_needed",
    "verification_token_invalid",
    "webhook_forged",
    "wrong_credentials",
]
"""All other codes."""
ProblemCode = RetryCode | FinalCode


class ProblemKind(NamedTuple):
    """What a code always means: the HTTP status, and the text in English and in Nepali."""

    status: int
    en: str
    ne: str

    def text(self, language: str) -> str:
        """The Nepali text for `ne`, else the English text."""
        return self.ne if language == "ne" else self.en
