"""What the app reads before sign-in: /api/app."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from chalicelib import __version__
from chalicelib.domain.auth.countries import Country, countries
from chalicelib.domain.content.app_release import Release, numbers_of
from chalicelib.domain.content.banner import Banner
from chalicelib.domain.text.time_text import time_text
from chalicelib.edge.formats import Time, WebAddress
from chalicelib.edge.models import RequestModel, ResponseModel
from chalicelib.edge.responses import Response, cached, ok
from chalicelib.services.content import app_info
from chalicelib.wiring import world
from functions.routing import blueprint
from functions.tags import Tag

routes = blueprint(__name__, Tag.APP)
BANNERS_SECONDS = 30
COUNTRIES_SECONDS = 24 * 3600


def version_text(value: Any) -> str:
    """Raises InvalidField for anything but numbers and dots."""
    text = str(value).strip()
    numbers_of(text)
    return text


class VersionQuery(RequestModel):
    platform: Annotated[Literal["android", "ios"], Field(description="The platform of the app")]
    current_version: (
        Annotated[str, BeforeValidator(version_text), Field(examples=["1.4.0"], description="The version of the app")]
        | None
    ) = None


class VersionResponse(ResponseModel):
    latest_version: str
    minimum_version: str
    update_available: bool
    is_mandatory: bool
    download_url: WebAddress
    release_notes: str


class HealthResponse(ResponseModel):
    status: Literal["ok"] = "ok"
    version: str
    time: Time


class BannerResponse(ResponseModel):
    id: str
    title: str
    description: str
    image_url: WebAddress
    redirect_url: WebAddress | None
    display_order: int


class BannersResponse(ResponseModel):
    results: list[BannerResponse]


class CountryResponse(ResponseModel):
    name: str
    code: str
    dial_code: str
    flag: str


class CountriesResponse(ResponseModel):
    results: list[CountryResponse]


@routes.get("/api/app/version", query=VersionQuery, response=VersionResponse, problems=("not_found",))
def version(query: VersionQuery, language: str) -> Response:
    """The newest release of the app, and whether an update is mandatory."""
    release = app_info.release(query.platform)
    return ok(to_version_response(release, query.current_version, language))


@routes.get("/api/app/health", response=HealthResponse)
def health() -> Response:
    """Check that the service and its database respond."""
    app_info.check_health()
    return ok(HealthResponse(version=__version__, time=time_text(world().now())))


@routes.get("/api/app/banners", response=BannersResponse, cached=True)
def banners(language: str) -> Response:
    """Banners of the app's home page, in display order."""
    shown = [to_banner_response(banner, language) for banner in app_info.banners(world())]
    return cached(BannersResponse(results=shown), seconds=BANNERS_SECONDS)


@routes.get("/api/app/countries", response=CountriesResponse, cached=True)
def all_countries() -> Response:
    """Countries with their dial codes, Nepal first."""
    results = [to_country_response(country) for country in countries()]
    return cached(CountriesResponse(results=results), seconds=COUNTRIES_SECONDS)


def to_version_response(release: Release, current: str | None, language: str) -> VersionResponse:
    return VersionResponse(
        latest_version=release.latest_version,
        minimum_version=release.minimum_version,
        update_available=current is not None and release.newer_than(current),
        is_mandatory=current is not None and release.forbids(current),
        download_url=release.download_url,
        release_notes=release.notes_in(language),
    )


def to_country_response(country: Country) -> CountryResponse:
    return CountryResponse(name=country.name, code=country.code, dial_code=country.dial_code, flag=country.flag)


def to_banner_response(banner: Banner, language: str) -> BannerResponse:
    return BannerResponse(
        id=banner.banner_id,
        title=banner.title_in(language),
        description=banner.description_in(language),
        image_url=banner.image_url,
        redirect_url=banner.redirect_url,
        display_order=banner.display_order,
    )
