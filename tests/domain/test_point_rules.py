"""Points that a top-up earns."""

import pytest

from chalicelib.domain.configuration.settings import Settings
from chalicelib.domain.rewards.point_rules import topup_award


@pytest.mark.parametrize(("paisa", "points"), [(9_999, 0), (10_000, 10), (19_999, 10), (100_000, 100)])
def test_each_full_hundred_rupees_of_a_topup_gives_points(paisa: int, points: int) -> None:
    assert topup_award("user", "intent", paisa, Settings()).points == points
