"""Bounds of every runtime setting, each with its reason, and the check where settings are set."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from chalicelib.domain.configuration.gateway_registry import GATEWAYS
from chalicelib.domain.problems.problems import Problem
from chalicelib.domain.problems.validation_messages import ValidationMessage, validation_message


class Bounds(NamedTuple):
    """The least and the most value of a setting. `reason` says what would go wrong beyond."""

    minimum: int
    maximum: int
    reason: str


MAX_STRIPE_PAISA = 99_999_999
MAX_TOPUP_PAISA = 10**10
CODE_REASON = "A customer needs time to type the code, and a stranger must not have time to guess it."
LIMIT_REASON = "0 would refuse everybody."
SESSION_REASON = "The apps refresh tokens in time, and a stolen token must end."
REQUEST_REASON = "API Gateway ends a request after 29 seconds."
WAIT_REASON = "A start waits for the station, sends its command and waits for the result, within 29 seconds in all."
EJECT_REASON = "Cabinets answer within seconds, and a customer waits for the result."
EVIDENCE_REASON = "Cabinets report a lost message again within a day."
HEARTBEAT_REASON = "Cabinets send a heartbeat every 9 minutes."
FEE_REASON = "A late fee above this is a mistake."
CHECK_REASON = "Payments are looked up again and again until then, and operators must hear of the rest."
POINTS_REASON = "10 points are worth 1 rupee: more is a mistake."
RETRY_REASON = "What failed is tried again soon, but not at once."
QUIET_REASON = "An hour of the day in Kathmandu. Two equal hours leave no quiet time."
BACKOFF_REASON = "A provider in trouble needs a pause, and customers wait for their messages."
WIDER_REASON = "The limit of all addresses together is the wider one."
BOUNDS: Mapping[str, Bounds] = {
    "otp_ttl_seconds": Bounds(60, 3_600, CODE_REASON),
    "otp_tries": Bounds(1, 20, CODE_REASON),
    "otp_tries_without_id": Bounds(1, 20, CODE_REASON),
    "otp_resend_seconds": Bounds(0, 3_600, CODE_REASON),
    "otp_per_identifier_hour": Bounds(1, 1_000, LIMIT_REASON),
    "otp_per_identifier_day": Bounds(1, 1_000, LIMIT_REASON),
    "otp_all_addresses_hour": Bounds(1, 1_000, LIMIT_REASON),
    "otp_all_addresses_day": Bounds(1, 1_000, "One row holds the times of all requests of a day."),
    "otp_per_address_hour": Bounds(1, 1_000_000, LIMIT_REASON),
    "otp_total_hour": Bounds(1, 1_000_000, LIMIT_REASON),
    "otp_provider_backoff_seconds": Bounds(1, 600, BACKOFF_REASON),
    "provider_trouble_receivers": Bounds(2, 100, "The trouble of one receiver is no trouble of the provider."),
    "provider_trouble_seconds": Bounds(10, 3_600, BACKOFF_REASON),
    "verification_ttl_seconds": Bounds(60, 3_600, CODE_REASON),
    "access_ttl_seconds": Bounds(60, 86_400, SESSION_REASON),
    "refresh_ttl_days": Bounds(1, 365, SESSION_REASON),
    "refresh_repeat_seconds": Bounds(0, 300, SESSION_REASON),
    "admin_login_tries": Bounds(1, 100, LIMIT_REASON),
    "admin_login_tries_per_account": Bounds(1, 1_000, LIMIT_REASON),
    "admin_login_tries_per_address": Bounds(1, 1_000, LIMIT_REASON),
    "admin_device_days": Bounds(1, 365, "Operators replace a device within a year."),
    "customer_device_days": Bounds(1, 730, "Customers replace a device within two years."),
    "admin_login_window_minutes": Bounds(1, 1_440, LIMIT_REASON),
    **{
        f"second_factor_{role}": Bounds(0, 1, "1 requires a second factor of this role, 0 leaves it to the operator.")
        for role in ("super_admin", "admin", "finance", "support")
    },
    "eject_wait_seconds": Bounds(0, 10, WAIT_REASON),
    "eject_grace_seconds": Bounds(0, 60, EJECT_REASON),
    "eject_publish_within_seconds": Bounds(1, 60, EJECT_REASON),
    "eject_unresolved_minutes": Bounds(1, 60, EJECT_REASON),
    "eject_failure_backoff_minutes": Bounds(0, 1_440, EJECT_REASON),
    "eject_retries_count": Bounds(0, 1, "A station that fails twice has a fault, and its customer waits."),
    "slot_max_failed_ejects": Bounds(1, 100, "A slot that never lets a power bank out disappoints every customer."),
    "eject_spacing_seconds": Bounds(0, 60, EJECT_REASON),
    "station_busy_seconds": Bounds(1, 60, EJECT_REASON),
    "station_queue_wait_seconds": Bounds(0, 8, WAIT_REASON),
    "eject_evidence_hours": Bounds(1, 168, EVIDENCE_REASON),
    "powerbank_min_percent": Bounds(0, 100, "It is a share of a full charge."),
    "powerbank_max_celsius": Bounds(30, 80, "A warm day has 30 degrees, and a hot battery is dangerous."),
    "cabinet_quiet_minutes": Bounds(10, 1_440, HEARTBEAT_REASON),
    "cabinet_silent_minutes": Bounds(10, 1_440, HEARTBEAT_REASON),
    "station_first_report_hours": Bounds(
        1,
        720,
        "It takes up to an hour to set a cabinet up. After a month, operators would miss one that never works.",
    ),
    "alert_damping_minutes": Bounds(0, 1_440, "After a day without an alert, operators would miss a new fault."),
    "cabinet_http_per_cabinet_hour": Bounds(1, 10_000, LIMIT_REASON),
    "cabinet_http_per_address_hour": Bounds(1, 1_000_000, LIMIT_REASON),
    "cabinet_area_code": Bounds(0, 65_535, "A frame has two bytes for it."),
    "heartbeat_echo_seconds": Bounds(0, 1_080, "A cabinet restarts after 18 minutes without an echo."),
    "late_grace_minutes": Bounds(0, 1_440, FEE_REASON),
    "late_fee_factor": Bounds(0, 100, FEE_REASON),
    "late_fee_cap_paisa_per_day": Bounds(0, 1_000_000, FEE_REASON),
    "free_return_minutes": Bounds(0, 1_440, "A free rental of more than a day is a mistake."),
    "swap_minutes": Bounds(0, 60, "A power bank that breaks later is reported, and its rental ends."),
    "cancel_minutes": Bounds(0, 1_440, "A free rental of more than a day is a mistake."),
    "reminder_minutes": Bounds(1, 1_440, "A reminder comes on the day of the return."),
    "lost_after_hours": Bounds(1, 8_760, "A customer needs time to come back, and the price of the loss must come."),
    "replacement_rupees": Bounds(1, 100_000, "It is the price of a power bank."),
    "max_extensions": Bounds(0, 20, "Somebody who needs more time returns the power bank and rents again."),
    "extension_repeat_seconds": Bounds(0, 60, "A customer may mean a second extension a minute later."),
    "return_doubt_minutes": Bounds(1, 1_440, EVIDENCE_REASON),
    "return_doubt_days": Bounds(1, 365, EVIDENCE_REASON),
    "intent_ttl_minutes": Bounds(
        1, 1_410, "A Stripe session ends at most 24 hours after its creation: 30 minutes after the intent."
    ),
    "intent_first_check_minutes": Bounds(1, 60, CHECK_REASON),
    "intent_verify_interval_seconds": Bounds(0, 60, CHECK_REASON),
    "intent_verifies_per_user_hour": Bounds(1, 10_000, LIMIT_REASON),
    "intent_give_up_hours": Bounds(1, 720, CHECK_REASON),
    "open_intents_per_user": Bounds(1, 100, LIMIT_REASON),
    "unapproved_additions_rupees": Bounds(0, 100_000, "A larger sum is seen by two operators."),
    "balance_addition_max_rupees": Bounds(1, 1_000_000, "Nobody needs so much money in a wallet."),
    "intents_per_user_hour": Bounds(1, 1_000, LIMIT_REASON),
    "refund_send_within_seconds": Bounds(1, 60, CHECK_REASON),
    "refund_first_check_minutes": Bounds(1, 60, CHECK_REASON),
    "refund_absence_grace_minutes": Bounds(1, 1_440, CHECK_REASON),
    "refund_give_up_hours": Bounds(1, 720, CHECK_REASON),
    "khalti_min_paisa": Bounds(1_000, 10_000_000, "Khalti takes no payment below Rs 10."),
    "stripe_min_paisa": Bounds(10_000, MAX_STRIPE_PAISA, "Stripe takes no payment below half a US dollar."),
    "stripe_max_paisa": Bounds(10_000, MAX_STRIPE_PAISA, "Stripe takes amounts of at most eight digits."),
    "push_quiet_from_hour": Bounds(0, 23, QUIET_REASON),
    "push_quiet_until_hour": Bounds(0, 23, QUIET_REASON),
    "profile_reminder_hours": Bounds(1, 720, "A reminder of the profile comes once a day."),
    "push_ttl_hours": Bounds(
        24, 672, "A push waits up to 23 hours for the end of the quiet hours, and Firebase keeps it for four weeks."
    ),
    "push_claim_seconds": Bounds(30, 600, "A push takes up to 30 seconds, and a crashed sender must not hold it."),
    "push_provider_backoff_seconds": Bounds(1, 600, BACKOFF_REASON),
    "report_max_file_lines": Bounds(1, 15_000, "Lambda responses have at most 6 MB."),
    "issue_repeat_hours": Bounds(1, 168, "Operators look into a report within days."),
    "issues_per_user_day": Bounds(1, 1_000, LIMIT_REASON),
    "issues_per_rental": Bounds(1, 100, LIMIT_REASON),
    "rental_issue_days": Bounds(1, 90, "Events of a rental are stored for 90 days."),
    "powerbank_fault_reports": Bounds(1, 20, "Each report stands for a customer who paid for a faulty power bank."),
    "fault_reports_per_user_month": Bounds(0, 100, "One user must not set aside all power banks of a station."),
    "signup_points": Bounds(0, 100_000, POINTS_REASON),
    "rental_points": Bounds(0, 1_000, POINTS_REASON),
    "on_time_points": Bounds(0, 1_000, POINTS_REASON),
    "topup_points_per_100_rupees": Bounds(0, 1_000, POINTS_REASON),
    "referral_inviter_points": Bounds(1, 100_000, POINTS_REASON),
    "referral_invitee_points": Bounds(1, 100_000, POINTS_REASON),
    "code_guesses_per_user_hour": Bounds(1, 1_000, LIMIT_REASON),
    "code_guesses_per_address_hour": Bounds(1, 1_000_000, LIMIT_REASON),
    "image_max_pixels": Bounds(
        1_000_000, 50_000_000, "A photo has a million pixels, and the memory holds 50 million."
    ),
    "upload_max_bytes": Bounds(1, 4 * 1024 * 1024, "Lambda takes requests of at most 6 MB, in base64."),
    "direct_image_max_bytes": Bounds(1, 10_485_760, "Cloudinary takes images of at most 10 MB."),
    "direct_video_max_bytes": Bounds(1, 104_857_600, "Cloudinary takes videos of at most 100 MB in one request."),
    "uploads_per_user_hour": Bounds(1, 1_000, LIMIT_REASON),
    "upload_unused_hours": Bounds(2, 720, "A direct upload may arrive an hour after it was announced."),
    "idempotency_ttl_days": Bounds(1, 90, "Clients repeat a request for days, and its record costs storage."),
    "idempotency_running_seconds": Bounds(30, 600, REQUEST_REASON),
    "outbox_resend_seconds": Bounds(1, 3_600, RETRY_REASON),
    "outbox_alarm_attempts": Bounds(1, 100, RETRY_REASON),
    "stations_cache_ttl_seconds": Bounds(0, 60, "Customers walk to a station that the list shows."),
}
TOPUP_BOUNDS = Bounds(
    1, MAX_TOPUP_PAISA, "A payment gateway takes no payment of 0, and no payment of Rs 100,000,000."
)
"""Of the limits of a gateway that BOUNDS does not name."""
OFFERED_BOUNDS = Bounds(0, 1, "A payment method is offered, or it is not.")
ORDERED = (
    ("otp_resend_seconds", "otp_ttl_seconds", "A new code must be there before the old one ends."),
    ("otp_tries_without_id", "otp_tries", "Who does not know the id of the code has fewer guesses, not more."),
    ("refresh_repeat_seconds", "access_ttl_seconds", "A repeated refresh gets the same access token again."),
    ("admin_login_tries", "admin_login_tries_per_account", WIDER_REASON),
    ("admin_login_tries", "admin_login_tries_per_address", WIDER_REASON),
    ("otp_per_identifier_hour", "otp_all_addresses_hour", WIDER_REASON),
    ("otp_per_identifier_day", "otp_all_addresses_day", WIDER_REASON),
    ("otp_per_identifier_hour", "otp_per_identifier_day", "An hour is part of a day."),
    ("otp_all_addresses_hour", "otp_all_addresses_day", "An hour is part of a day."),
    ("otp_per_address_hour", "otp_total_hour", "An address is part of the whole."),
    ("cabinet_http_per_cabinet_hour", "cabinet_http_per_address_hour", "A cabinet is one of those at an address."),
    ("late_grace_minutes", "lost_after_hours", "A rental is late before it is lost."),
    ("intent_ttl_minutes", "intent_give_up_hours", "A top-up that can still be paid is looked up."),
    ("refund_absence_grace_minutes", "refund_give_up_hours", "A refund is looked for until it is given up."),
    ("code_guesses_per_user_hour", "code_guesses_per_address_hour", "A user is one of those behind an address."),
    ("cabinet_quiet_minutes", "cabinet_silent_minutes", "A cabinet is asked before it counts as offline."),
    ("open_intents_per_user", "intents_per_user_hour", "All open top-ups may be of one hour."),
    *((f"{name}_min_paisa", f"{name}_max_paisa", "No amount would be allowed.") for name in GATEWAYS),
)
"""Pairs of settings of which the first may not be above the second, each with its reason.

Times in different units are compared by their length.
"""
UNIT_SECONDS = {"seconds": 1, "minutes": 60, "hours": 3_600, "days": 86_400}


def bounds_of(name: str) -> Bounds | None:
    """The bounds of a setting. None for a name that no setting has."""
    if name.endswith("_offered"):
        return OFFERED_BOUNDS
    is_limit = name.endswith(("_min_paisa", "_max_paisa"))
    return BOUNDS.get(name, TOPUP_BOUNDS if is_limit else None)


def within_bounds(name: str, value: int) -> bool:
    bounds = bounds_of(name)
    return bounds is not None and bounds.minimum <= value <= bounds.maximum


def must_be_settable(changed: Mapping[str, Any], current: Mapping[str, int]) -> None:
    """Check changed settings before they are stored. `current` holds every setting with its value before the change.

    What an earlier release stored is not checked again: it would keep every other setting from being changed.
    Raises Problem("invalid_input") that names each setting that is unknown, no whole number, outside its bounds, or
    above the setting that limits it. Its detail `reasons` says why, by setting.
    """
    refusals = {name: refusal for name, value in changed.items() if (refusal := _refusal(name, value, current))}
    if not refusals:
        values = {**current, **changed}
        for name, limit, reason in ORDERED:
            most = values[limit] * unit_seconds(limit) // unit_seconds(name)
            if values[name] > most and (name in changed or limit in changed):
                refusals[name] = validation_message("number_out_of_range", min=_minimum(name), max=most), reason
    if refusals:
        raise Problem(
            "invalid_input",
            errors={name: [message] for name, (message, _) in refusals.items()},
            reasons={name: reason for name, (_, reason) in refusals.items()},
        )


def _refusal(name: str, value: Any, known: Mapping[str, int]) -> tuple[ValidationMessage, str] | None:
    """Why the setting can't have the value, as a validation message and as a reason, or None."""
    bounds = bounds_of(name)
    if name not in known or bounds is None:
        return validation_message("field_unknown"), "No setting has this name."
    if type(value) is not int:
        return validation_message("integer_expected"), "Settings are whole numbers."
    if not within_bounds(name, value):
        return validation_message("number_out_of_range", min=bounds.minimum, max=bounds.maximum), bounds.reason
    return None


def unit_seconds(name: str) -> int:
    """The seconds of the unit in which the name of a setting ends. 1 for a setting that is no length of time."""
    return UNIT_SECONDS.get(name.rpartition("_")[2], 1)


def _minimum(name: str) -> int:
    bounds = bounds_of(name)
    return bounds.minimum if bounds else 0
