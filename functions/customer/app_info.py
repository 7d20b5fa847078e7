"""What the app asks before anybody signs in: /api/app."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from chalicelib import __version__
from chalicelib.domain.banner import Banner
from chalicelib.domain.countries import countries
from chalicelib.domain.release import numbers_of
from chalicelib.edge.formats import Time, WebAddress
from chalicelib.edge.models import Asked, Told
from chalicelib.edge.parsing import query
from chalicelib.edge.responses import Answer, cached, ok
from chalicelib.services.content import app_info
from chalicelib.wiring import world
from functions.routing import doors
from functions.schemas import time_text
from functions.tags import Tag

routes = doors(__name__, Tag.APP)
BANNERS_SECONDS = 60
COUNTRIES_SECONDS = 24 * 3600


def version_text(said: Any) -> str:
    """Raises ValueError for anything but numbers and dots."""
    text = str(said).strip()
    numbers_of(text)
    return text


class VersionAsked(Asked):
    platform: Annotated[Literal["android", "ios"], Field(description="The platform of the app")]
    current_version: (
        Annotated[str, BeforeValidator(version_text), Field(examples=["1.4.0"], description="The version of the app")]
        | None
    ) = None


class VersionView(Told):
    latest_version: str
    minimum_version: str
    update_available: bool
    is_mandatory: bool
    download_url: WebAddress
    release_notes: str


class HealthView(Told):
    status: Literal["ok"] = "ok"
    version: str
    time: Time


class BannerView(Told):
    id: str
    title: str
    description: str
    image_url: WebAddress
    redirect_url: WebAddress | None
    display_order: int


class Banners(Told):
    results: list[BannerView]


class CountryView(Told):
    name: str
    code: str
    dial_code: str
    flag: str


class Countries(Told):
    results: list[CountryView]


@routes.get("/api/app/version", query=VersionAsked, answer=VersionView, problems=("not_found",))
def version() -> Answer:
    """What is in the store, and whether this app must be updated."""
    asked = query(routes, VersionAsked)
    release, mine = app_info.release(world(), asked.platform), asked.current_version
    return ok(
        VersionView(
            latest_version=release.latest_version,
            minimum_version=release.minimum_version,
            update_available=mine is not None and release.newer_than(mine),
            is_mandatory=mine is not None and release.forbids(mine),
            download_url=release.download_url,
            release_notes=release.notes_in(routes.language()),
        )
    )


@routes.get("/api/app/health", answer=HealthView)
def health() -> Answer:
    """Whether the service and its storage answer."""
    app_info.must_be_well(world())
    return ok(HealthView(version=__version__, time=time_text(world().now())))


@routes.get("/api/app/banners", answer=Banners, cached=True)
def banners() -> Answer:
    """What the first page shows now, in order."""
    language = routes.language()
    views = [banner_view(banner, language) for banner in app_info.banners(world())]
    return cached(Banners(results=views), seconds=BANNERS_SECONDS)


@routes.get("/api/app/countries", answer=Countries, cached=True)
def all_countries() -> Answer:
    """Countries with their telephone codes, ours first."""
    views = [CountryView(name=one.name, code=one.code, dial_code=one.dial_code, flag=one.flag) for one in countries()]
    return cached(Countries(results=views), seconds=COUNTRIES_SECONDS)


def banner_view(banner: Banner, language: str) -> BannerView:
    return BannerView(
        id=banner.banner_id,
        title=banner.title_in(language),
        description=banner.description_in(language),
        image_url=banner.image_url,
        redirect_url=banner.redirect_url,
        display_order=banner.display_order,
    )
