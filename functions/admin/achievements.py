"""Achievements, for operators: /api/admin/achievements. Their analytics are in `analytics_people`."""

from typing import Annotated, Any, Literal, NewType

from pydantic import Field

from chalicelib.domain.rewards.achievement import Achievement, CriteriaType
from chalicelib.domain.text.texts import Text
from chalicelib.edge.models import RequestModel, ResponseModel
from chalicelib.edge.responses import Response, created, ok
from chalicelib.edge.text_conversion import AsInteger, Boolean
from chalicelib.services.analytics import achievements as unlocked_achievements
from chalicelib.services.caller import Caller
from chalicelib.services.rewards import achievement_admin
from chalicelib.wiring import world
from functions.admin.paging import NumberedPageQuery, PageNumbers
from functions.admin.upper_case import CaseInsensitive, in_upper_case, one_of_upper_case
from functions.routing import blueprint
from functions.tags import Tag

routes = blueprint(__name__, Tag.ADMIN_ACHIEVEMENTS)
PATH = "/api/admin/achievements"
AchievementId = NewType("AchievementId", str)
REWARD_TYPE = "POINTS"
MAX_COUNT = 100_000
Name = Annotated[str, Field(min_length=1, max_length=60, examples=["First Rental"])]
Description = Annotated[str, Field(min_length=1, max_length=200)]
Criteria = Annotated[Literal["rental_count", "timely_return_count", "referral_count"], CaseInsensitive]
Count = Annotated[int, Field(strict=True, ge=1, le=MAX_COUNT), AsInteger]
Points = Annotated[int, Field(strict=True, ge=0, le=100_000), AsInteger]
RewardType = Annotated[Literal["points"], CaseInsensitive]


class CreateAchievement(RequestModel):
    name: Name
    name_ne: Annotated[Name | None, Field(description="Without it, Nepali readers see the English name")] = None
    description: Description
    description_ne: Description | None = None
    criteria_type: Criteria
    criteria_value: Count
    reward_type: RewardType = "points"
    reward_value: Points
    is_active: Boolean = True


class ChangeAchievement(RequestModel):
    name: Name | None = None
    name_ne: Name | None = None
    description: Description | None = None
    description_ne: Description | None = None
    criteria_type: Criteria | None = None
    criteria_value: Count | None = None
    reward_type: RewardType | None = None
    reward_value: Points | None = None
    is_active: Boolean | None = None

    def changes(self) -> dict[str, Any]:
        """The changed fields of the achievement. A field that is left out stays."""
        fields: dict[str, Any] = {
            "name": Text(self.name, self.name_ne or self.name) if self.name else None,
            "description": Text(self.description, self.description_ne or self.description)
            if self.description
            else None,
            "criteria_type": CriteriaType(self.criteria_type) if self.criteria_type else None,
            "criteria_value": self.criteria_value,
            "reward_points": self.reward_value,
            "active": self.is_active,
        }
        return {name: value for name, value in fields.items() if value is not None}


class AdminAchievement(ResponseModel):
    id: str
    name: str
    name_ne: str
    description: str
    description_ne: str
    criteria_type: Annotated[str, one_of_upper_case(CriteriaType)]
    criteria_value: int
    reward_type: Annotated[str, one_of_upper_case([REWARD_TYPE])]
    reward_value: int
    is_active: bool
    total_unlocked: Annotated[int, Field(description="Counted each minute")]


class AdminAchievementsResponse(ResponseModel):
    results: list[AdminAchievement]
    pagination: PageNumbers


@routes.get(PATH, permission="admin", query=NumberedPageQuery, response=AdminAchievementsResponse)
def list_achievements(query: NumberedPageQuery) -> Response:
    """All achievements, the one that most customers unlocked first."""
    counts = unlocked_achievements.of_all_time(world()).counts
    results = [to_achievement(count.achievement, count.unlocked) for count in query.to_page().of(counts)]
    return ok(AdminAchievementsResponse(results=results, pagination=PageNumbers.of(query, len(counts))))


@routes.get(f"{PATH}/{{achievement_id}}", permission="admin", response=AdminAchievement, problems=("not_found",))
def read_achievement(achievement_id: AchievementId) -> Response:
    """One achievement."""
    achievement = achievement_admin.read(achievement_id)
    return ok(to_achievement(achievement, _unlocked_count(achievement_id)))


@routes.post(
    PATH,
    permission="achievements",
    body=CreateAchievement,
    response=AdminAchievement,
    status=201,
    problems=("name_taken", "achievements_full"),
)
def create_achievement(request: CreateAchievement, caller: Caller) -> Response:
    """Create an achievement. Who has reached it already unlocks it after the next rental."""
    achievement = Achievement(
        world().new_id(),
        Text(request.name, request.name_ne or request.name),
        Text(request.description, request.description_ne or request.description),
        CriteriaType(request.criteria_type),
        request.criteria_value,
        request.reward_value,
        request.is_active,
    )
    return created(to_achievement(achievement_admin.create(world(), caller, achievement), 0))


@routes.put(
    f"{PATH}/{{achievement_id}}",
    permission="achievements",
    body=ChangeAchievement,
    response=AdminAchievement,
    problems=("not_found", "name_taken"),
)
def change_achievement(request: ChangeAchievement, caller: Caller, achievement_id: AchievementId) -> Response:
    """Change an achievement or end it. A Nepali text changes together with its English one."""
    achievement = achievement_admin.change(world(), caller, achievement_id, request.changes())
    return ok(to_achievement(achievement, _unlocked_count(achievement_id)))


def _unlocked_count(achievement_id: str) -> int:
    counts = unlocked_achievements.of_all_time(world()).counts
    return next((count.unlocked for count in counts if count.achievement.achievement_id == achievement_id), 0)


def to_achievement(achievement: Achievement, total_unlocked: int) -> AdminAchievement:
    return AdminAchievement(
        id=achievement.achievement_id,
        name=achievement.name.en,
        name_ne=achievement.name.ne,
        description=achievement.description.en,
        description_ne=achievement.description.ne,
        criteria_type=in_upper_case(achievement.criteria_type),
        criteria_value=achievement.criteria_value,
        reward_type=REWARD_TYPE,
        reward_value=achievement.reward_points,
        is_active=achievement.active,
        total_unlocked=total_unlocked,
    )
