"""A banner: an image on the app's first page, shown between two times."""

from dataclasses import dataclass
from datetime import datetime

MAX_BANNERS = 50
MAX_TITLE_LENGTH = 60
MAX_DESCRIPTION_LENGTH = 200


@dataclass(frozen=True)
class Banner:
    """Banners are shown in order of `display_order`, from `starts_at` until just before `ends_at`. None means no
    limit."""

    banner_id: str
    title: str
    image_url: str
    description: str = ""
    redirect_url: str | None = None
    display_order: int = 0
    active: bool = True
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    title_ne: str | None = None
    description_ne: str | None = None
    version: int = 0

    def shown_at(self, now: datetime) -> bool:
        begun = self.starts_at is None or self.starts_at <= now
        return self.active and begun and (self.ends_at is None or now < self.ends_at)

    def title_in(self, language: str) -> str:
        return (self.title_ne or self.title) if language == "ne" else self.title

    def description_in(self, language: str) -> str:
        return (self.description_ne or self.description) if language == "ne" else self.description
