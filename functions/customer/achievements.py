"""Achievements of the signed-in customer: /api/users/achievements."""

from chalicelib.domain.rewards.achievement import CriteriaType
from chalicelib.edge.formats import Time
from chalicelib.edge.models import ResponseModel
from chalicelib.edge.responses import Response, ok
from chalicelib.services.caller import Caller
from chalicelib.services.rewards import achievements
from functions.routing import blueprint
from functions.schemas import time_or_none
from functions.tags import Tag

routes = blueprint(__name__, Tag.SOCIAL)


class AchievementResponse(ResponseModel):
    id: str
    name: str
    description: str
    criteria_type: CriteriaType
    criteria_value: int
    current_progress: int
    is_unlocked: bool
    unlocked_at: Time | None
    reward_points: int


class AchievementsResponse(ResponseModel):
    results: list[AchievementResponse]


@routes.get("/api/users/achievements", response=AchievementsResponse, prefetch=achievements.keys_of)
def list_achievements(caller: Caller, language: str) -> Response:
    """Every achievement, with the user's progress. The points of a reached one come some minutes after the return."""
    results = [
        AchievementResponse(
            id=achievement.achievement_id,
            name=achievement.name.render(language),
            description=achievement.description.render(language),
            criteria_type=achievement.criteria_type,
            criteria_value=achievement.criteria_value,
            current_progress=progress,
            is_unlocked=unlocked is not None,
            unlocked_at=time_or_none(unlocked.unlocked_at if unlocked is not None else None),
            reward_points=unlocked.points if unlocked is not None else achievement.reward_points,
        )
        for achievement, progress, unlocked in achievements.of_caller(caller)
    ]
    return ok(AchievementsResponse(results=results))
