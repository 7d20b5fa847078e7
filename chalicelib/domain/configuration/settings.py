"""Settings that an operator may change while the service runs."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from chalicelib.domain.configuration.gateway_registry import default_limits
from chalicelib.domain.configuration.setting_bounds import within_bounds
from chalicelib.domain.operators.network_address import parse_network

UPLOAD_MAX_BYTES = 4 * 1024 * 1024
"""Bytes of a file that a request may hold: the request goes through Lambda in base64, and Lambda takes 6 MB."""

ADMIN_NETWORKS = "admin_networks"
NOT_BY_NAME = frozenset({"topup_limits", ADMIN_NETWORKS})
"""Fields of Settings that are no single numbers."""


@dataclass(frozen=True)
class Settings:
    """The runtime settings with their defaults. Names end in the unit."""

    # signing in
    otp_ttl_seconds: int = 300
    otp_tries: int = 5
    otp_tries_without_id: int = 3
    otp_resend_seconds: int = 60
    otp_per_identifier_hour: int = 5
    otp_per_identifier_day: int = 10
    otp_all_addresses_hour: int = 15
    otp_all_addresses_day: int = 30
    otp_per_address_hour: int = 30
    otp_total_hour: int = 3000
    otp_provider_backoff_seconds: int = 30
    provider_trouble_receivers: int = 3
    provider_trouble_seconds: int = 120
    verification_ttl_seconds: int = 600
    access_ttl_seconds: int = 900
    refresh_ttl_days: int = 30
    refresh_repeat_seconds: int = 60
    admin_login_tries: int = 5
    admin_login_tries_per_account: int = 30
    admin_login_tries_per_address: int = 20
    admin_device_days: int = 180
    customer_device_days: int = 180
    admin_login_window_minutes: int = 15
    second_factor_super_admin: int = 0
    """1 requires a second factor of operators with this role. So do the three others."""
    second_factor_admin: int = 0
    second_factor_finance: int = 0
    second_factor_support: int = 0
    # renting
    eject_wait_seconds: int = 4
    eject_grace_seconds: int = 5
    eject_publish_within_seconds: int = 10
    eject_unresolved_minutes: int = 10
    eject_failure_backoff_minutes: int = 10
    eject_retries_count: int = 1
    """How many other power banks of the station are ejected after an eject that failed for certain."""
    eject_spacing_seconds: int = 5
    slot_max_failed_ejects: int = 3
    station_busy_seconds: int = 15
    station_queue_wait_seconds: int = 6
    eject_evidence_hours: int = 24
    powerbank_min_percent: int = 20
    powerbank_max_celsius: int = 60
    cabinet_quiet_minutes: int = 12
    cabinet_silent_minutes: int = 25
    station_first_report_hours: int = 24
    alert_damping_minutes: int = 60
    cabinet_http_per_cabinet_hour: int = 60
    cabinet_http_per_address_hour: int = 6_000
    """Cabinets behind one address of a mobile network call from it together."""
    cabinet_area_code: int = 357
    """Cabinets refuse power banks of another area."""
    heartbeat_echo_seconds: int = 540
    """A heartbeat up to this age is sent back to its cabinet. 0 sends none back, for a broker that does so itself."""
    late_grace_minutes: int = 2
    late_fee_factor: int = 2
    late_fee_cap_paisa_per_day: int = 10_000
    free_return_minutes: int = 5
    cancel_minutes: int = 5
    swap_minutes: int = 5
    """How long after the eject a faulty power bank is swapped. 0 swaps none."""
    reminder_minutes: int = 15
    lost_after_hours: int = 24
    replacement_rupees: int = 5_000
    max_extensions: int = 3
    extension_repeat_seconds: int = 10
    return_doubt_minutes: int = 60
    return_doubt_days: int = 30
    # money
    intent_ttl_minutes: int = 30
    intent_first_check_minutes: int = 1
    intent_verify_interval_seconds: int = 5
    intent_verifies_per_user_hour: int = 720
    """As many as one intent takes that its app asks about every five seconds."""
    intent_give_up_hours: int = 72
    open_intents_per_user: int = 5
    unapproved_additions_rupees: int = 10_000
    """What is added to one wallet on one day without a second operator, by all operators together."""
    balance_addition_max_rupees: int = 100_000
    intents_per_user_hour: int = 20
    refund_send_within_seconds: int = 10
    refund_first_check_minutes: int = 1
    refund_absence_grace_minutes: int = 20
    refund_give_up_hours: int = 72
    topup_limits: Mapping[str, int] = field(default_factory=default_limits)
    """`<gateway>_min_paisa` and `<gateway>_max_paisa` of each payment gateway. `<gateway>_offered` is 0 while its
    top-ups are closed."""
    # push and reports
    push_ttl_hours: int = 24
    push_quiet_from_hour: int = 22
    push_quiet_until_hour: int = 7
    profile_reminder_hours: int = 24
    push_claim_seconds: int = 60
    push_provider_backoff_seconds: int = 30
    report_max_file_lines: int = 10_000
    # issues
    issue_repeat_hours: int = 24
    issues_per_user_day: int = 10
    issues_per_rental: int = 5
    rental_issue_days: int = 7
    """How long after its end a rental can be reported."""
    powerbank_fault_reports: int = 1
    """A power bank is not handed out after this many rentals reported it as faulty."""
    fault_reports_per_user_month: int = 3
    """How many reports of faulty power banks of one user set power banks aside."""
    # points
    signup_points: int = 50
    topup_points_per_100_rupees: int = 10
    rental_points: int = 5
    on_time_points: int = 5
    referral_inviter_points: int = 100
    referral_invitee_points: int = 50
    code_guesses_per_user_hour: int = 10
    code_guesses_per_address_hour: int = 100
    """Wrong referral codes and wrong coupons. Many customers of a mobile network share an address."""
    # uploads
    image_max_pixels: int = 50_000_000
    upload_max_bytes: int = UPLOAD_MAX_BYTES
    direct_image_max_bytes: int = 10_485_760
    direct_video_max_bytes: int = 104_857_600
    uploads_per_user_hour: int = 30
    upload_unused_hours: int = 24
    # housekeeping
    idempotency_ttl_days: int = 7
    idempotency_running_seconds: int = 60
    outbox_resend_seconds: int = 60
    outbox_alarm_attempts: int = 10
    stations_cache_ttl_seconds: int = 5
    admin_networks: tuple[str, ...] = ()
    """From where /api/admin can be called: networks in CIDR form. Empty means from everywhere (decision 0064)."""

    def changed(self, overrides: dict[str, Any]) -> "Settings":
        """These settings with the named ones replaced.

        Unknown names, other types and values outside their bounds are left out.
        """
        valid = {
            name: value for name, value in overrides.items() if type(value) is int and within_bounds(name, value)
        }
        names = {f.name for f in fields(self)} - NOT_BY_NAME
        limits = {name: valid.get(name, paisa) for name, paisa in self.topup_limits.items()}
        return replace(
            self,
            topup_limits=limits,
            admin_networks=_networks(overrides.get(ADMIN_NETWORKS)),
            **{name: valid[name] for name in names & valid.keys()},
        )

    def by_name(self) -> Mapping[str, int]:
        """Every setting that can be changed, with its value."""
        values = {f.name: getattr(self, f.name) for f in fields(self) if f.name not in NOT_BY_NAME}
        return {**values, **self.topup_limits}

    def requires_second_factor(self, role: str) -> bool:
        """Whether operators of the role need a second factor."""
        return bool(getattr(self, f"second_factor_{role}"))

    def is_offered(self, gateway: str) -> bool:
        """Whether customers can choose the gateway for a top-up."""
        return bool(self.topup_limits[f"{gateway}_offered"])

    def limits_of(self, gateway: str) -> tuple[int, int]:
        """The least and the most paisa of one top-up at the gateway."""
        return self.topup_limits[f"{gateway}_min_paisa"], self.topup_limits[f"{gateway}_max_paisa"]


def _networks(stored: Any) -> tuple[str, ...]:
    """The networks of a stored list. Text that is no network is left out."""
    texts = stored if isinstance(stored, list | tuple) else ()
    return tuple(network for text in texts if isinstance(text, str) and (network := parse_network(text)))
