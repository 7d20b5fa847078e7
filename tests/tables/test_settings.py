"""The settings row takes only settings that no outside service refuses."""

import pytest

from chalicelib.domain.problems.problems import Problem
from chalicelib.tables import settings
from chalicelib.world import World


def test_a_refused_setting_leaves_the_stored_ones_as_they_were(world: World) -> None:
    settings.set_overrides({"intent_ttl_minutes": 60})
    with pytest.raises(Problem, match="invalid_input"):
        settings.set_overrides({"intent_ttl_minutes": 1_411})
    assert settings.overrides() == {"intent_ttl_minutes": 60}
