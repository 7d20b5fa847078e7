"""Settings outside their bounds are refused where an operator sets them, with a reason, and never used."""

from typing import Any

import pytest

from chalicelib.domain.configuration.setting_bounds import BOUNDS, ORDERED, bounds_of, must_be_settable, unit_seconds
from chalicelib.domain.configuration.settings import Settings
from chalicelib.domain.problems.problems import Problem

KNOWN = Settings().by_name()


def refused(overrides: dict[str, Any]) -> set[str]:
    with pytest.raises(Problem) as caught:
        must_be_settable(overrides, KNOWN)
    assert caught.value.code == "invalid_input"
    return set(caught.value.errors or ())


def refused_names(overrides: dict[str, Any]) -> set[str]:
    """As `refused`, and empty where nothing is refused."""
    try:
        must_be_settable(overrides, KNOWN)
    except Problem as problem:
        return set(problem.errors or ())
    return set()


def reasons(overrides: dict[str, Any]) -> dict[str, str]:
    with pytest.raises(Problem) as caught:
        must_be_settable(overrides, KNOWN)
    return dict(caught.value.details["reasons"])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("intent_ttl_minutes", 1_411),
        ("intent_ttl_minutes", 0),
        ("khalti_min_paisa", 999),
        ("stripe_min_paisa", 5_000),
        ("stripe_max_paisa", 100_000_000),
        ("direct_image_max_bytes", 10_485_761),
        ("direct_video_max_bytes", 104_857_601),
        ("upload_max_bytes", 4 * 1024 * 1024 + 1),
        ("eject_wait_seconds", 29),
        ("otp_tries", -1),
        ("otp_tries", True),
        ("otp_tries", "5"),
        ("otp_trials", 5),
        ("otp_tries", 0),
        ("otp_per_identifier_hour", 0),
        ("otp_per_identifier_day", 0),
        ("otp_all_addresses_hour", 0),
        ("otp_all_addresses_day", 0),
        ("open_intents_per_user", 0),
        ("intents_per_user_hour", 0),
        ("access_ttl_seconds", 0),
        ("cabinet_silent_minutes", 5),
        ("powerbank_min_percent", 101),
        ("signup_points", -1),
        ("signup_points", 5.0),
        ("signup_points", None),
        ("esewa_max_paisa", 0),
        ("topup_limits", {"esewa_max_paisa": 1}),
    ],
)
def test_a_value_outside_its_bounds_is_refused_where_it_is_set(name: str, value: Any) -> None:
    assert refused({name: value, "otp_ttl_seconds": 300}) == {name}


def test_a_value_outside_its_bounds_in_storage_is_never_used() -> None:
    for name, bounds in BOUNDS.items():
        for value in (bounds.minimum - 1, bounds.maximum + 1):
            assert Settings().changed({name: value}) == Settings()


def test_every_bound_names_a_setting_and_holds_its_default() -> None:
    for name, bounds in BOUNDS.items():
        assert bounds.minimum <= KNOWN[name] <= bounds.maximum


@pytest.mark.parametrize("name", KNOWN)
def test_every_setting_has_bounds_with_a_reason(name: str) -> None:
    bounds = bounds_of(name)
    assert bounds is not None
    assert bounds.reason.endswith(".")
    for value in (bounds.minimum - 1, bounds.maximum + 1, 10**12, -1):
        assert refused({name: value}) == {name}
        assert reasons({name: value}) == {name: bounds.reason}
        assert Settings().changed({name: value}) == Settings()


def test_the_defaults_are_settable() -> None:
    must_be_settable(KNOWN, KNOWN)


@pytest.mark.parametrize(("name", "limit", "reason"), ORDERED)
def test_a_setting_above_the_one_that_limits_it_is_refused(name: str, limit: str, reason: str) -> None:
    below, above = (bounds for bounds in (bounds_of(name), bounds_of(limit)) if bounds)
    # values that no other pair refuses
    least = max(below.minimum * unit_seconds(name) // unit_seconds(limit), above.minimum)
    equal = least * unit_seconds(limit) // unit_seconds(name)
    assert equal < below.maximum
    assert name not in refused_names({name: equal, limit: least})
    assert refused({name: equal + 1, limit: least}) >= {name}
    assert reasons({name: equal + 1, limit: least})[name] == reason


def test_the_longest_life_of_an_intent_is_settable() -> None:
    must_be_settable({"intent_ttl_minutes": 1_410}, KNOWN)
    assert Settings().changed({"intent_ttl_minutes": 1_410}).intent_ttl_minutes == 1_410


def test_a_least_topup_above_the_greatest_is_refused() -> None:
    assert refused({"khalti_min_paisa": 2_000, "khalti_max_paisa": 1_000}) == {"khalti_min_paisa"}
