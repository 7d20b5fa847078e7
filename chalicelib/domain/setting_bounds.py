"""Bounds of the runtime settings that an outside service would refuse, and the check where settings are set."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from chalicelib.domain.field_notes import FieldNote, note
from chalicelib.domain.gateway_registry import GATEWAYS
from chalicelib.domain.problems import Problem


class Bounds(NamedTuple):
    """The least and the most value of a setting. `reason` names who refuses the rest."""

    minimum: int
    maximum: int
    reason: str


MAX_STRIPE_PAISA = 99_999_999
REQUEST_REASON = "API Gateway ends a request after 29 seconds."
BOUNDS: Mapping[str, Bounds] = {
    "intent_ttl_minutes": Bounds(
        1, 1_410, "A Stripe session ends at most 24 hours after its creation: 30 minutes after the intent."
    ),
    "khalti_min_paisa": Bounds(1_000, 10_000_000, "Khalti takes no payment below Rs 10."),
    "stripe_min_paisa": Bounds(10_000, MAX_STRIPE_PAISA, "Stripe takes no payment below half a US dollar."),
    "stripe_max_paisa": Bounds(10_000, MAX_STRIPE_PAISA, "Stripe takes amounts of at most eight digits."),
    "upload_max_bytes": Bounds(1, 4 * 1024 * 1024, "Lambda takes requests of at most 6 MB, in base64."),
    "direct_image_max_bytes": Bounds(1, 10_485_760, "Cloudinary takes images of at most 10 MB."),
    "direct_video_max_bytes": Bounds(1, 104_857_600, "Cloudinary takes videos of at most 100 MB in one request."),
    "otp_per_identifier_day": Bounds(1, 1_000, "One row holds the times of all requests of a day."),
    "eject_wait_seconds": Bounds(0, 15, REQUEST_REASON),
    "station_queue_wait_seconds": Bounds(0, 10, REQUEST_REASON),
}


def within_bounds(name: str, value: int) -> bool:
    bounds = BOUNDS.get(name)
    return bounds is None or bounds.minimum <= value <= bounds.maximum


def must_be_settable(overrides: Mapping[str, Any], defaults: Mapping[str, int]) -> None:
    """Check settings before they are stored. `defaults` holds every setting with its default.

    Raises Problem("invalid_input") that names each setting that is unknown, no whole number, or outside its bounds,
    and each gateway whose least top-up is above its greatest.
    """
    errors = {
        name: [field_note] for name, value in overrides.items() if (field_note := _refusal(name, value, defaults))
    }
    if not errors:
        values = {**defaults, **overrides}
        for gateway in GATEWAYS:
            least, most = values[f"{gateway}_min_paisa"], values[f"{gateway}_max_paisa"]
            if least > most:
                errors[f"{gateway}_min_paisa"] = [note("number_out_of_range", min=0, max=most)]
    if errors:
        raise Problem("invalid_input", errors=errors)


def _refusal(name: str, value: Any, defaults: Mapping[str, int]) -> FieldNote | None:
    """Why the setting can't have the value, or None."""
    if name not in defaults:
        return note("field_unknown")
    if type(value) is not int:
        return note("integer_expected")
    bounds = BOUNDS.get(name)
    if bounds is not None and not within_bounds(name, value):
        return note("number_out_of_range", min=bounds.minimum, max=bounds.maximum)
    return note("number_too_small", min=0) if value < 0 else None
