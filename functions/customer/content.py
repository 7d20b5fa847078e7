"""Pages, frequently asked questions and app updates, readable before sign-in: /api/content."""

from typing import Annotated

from pydantic import Field

from chalicelib.domain.content.app_release import Release
from chalicelib.domain.content.content import FAQ, FAQ_TITLE, ContentPage, FaqEntry
from chalicelib.domain.text.time_text import time_text
from chalicelib.edge.formats import Time, WebAddress
from chalicelib.edge.models import ResponseModel
from chalicelib.edge.responses import Response, cached
from chalicelib.services.content import pages
from chalicelib.wiring import world
from functions.routing import blueprint
from functions.tags import Tag

routes = blueprint(__name__, Tag.CONTENT)
SECONDS = int(pages.CACHE_TTL.total_seconds())
CleanHtml = Annotated[str, Field(description="HTML with text, headings, lists, emphasis and links only")]


class PageResponse(ResponseModel):
    slug: str
    title: str
    content: CleanHtml
    updated_at: Time


class QuestionResponse(ResponseModel):
    id: str
    question: str
    answer: CleanHtml
    display_order: int


class FaqResponse(ResponseModel):
    slug: str
    title: str
    content: Annotated[CleanHtml, Field(description="All questions and answers as HTML")]
    updated_at: Time | None
    results: list[QuestionResponse]


class ReleaseResponse(ResponseModel):
    platform: str
    latest_version: str
    minimum_version: str
    download_url: WebAddress
    release_notes: str


class AppUpdatesResponse(PageResponse):
    releases: list[ReleaseResponse]


@routes.get("/api/content/terms-of-service", response=PageResponse, cached=True, problems=("not_found",))
def terms_of_service(language: str) -> Response:
    """The terms of service."""
    return _page("terms-of-service", language)


@routes.get("/api/content/privacy-policy", response=PageResponse, cached=True, problems=("not_found",))
def privacy_policy(language: str) -> Response:
    """The privacy policy."""
    return _page("privacy-policy", language)


@routes.get("/api/content/about", response=PageResponse, cached=True, problems=("not_found",))
def about(language: str) -> Response:
    """About the service."""
    return _page("about", language)


@routes.get("/api/content/contact", response=PageResponse, cached=True, problems=("not_found",))
def contact(language: str) -> Response:
    """How to contact the service."""
    return _page("contact", language)


@routes.get("/api/content/faq", response=FaqResponse, cached=True)
def faq(language: str) -> Response:
    """Frequently asked questions, in display order."""
    return cached(to_faq_response(pages.faq(world()), language), seconds=SECONDS)


@routes.get("/api/content/app-updates", response=AppUpdatesResponse, cached=True, problems=("not_found",))
def app_updates(language: str) -> Response:
    """What changed in the app, and its newest release for each platform."""
    page, releases = pages.app_updates(world())
    shown = [to_release_response(release, language) for release in releases]
    fields = dict(to_page_response(page, language))
    return cached(AppUpdatesResponse(**fields, releases=shown), seconds=SECONDS)


def _page(slug: str, language: str) -> Response:
    return cached(to_page_response(pages.page(world(), slug), language), seconds=SECONDS)


def to_page_response(page: ContentPage, language: str) -> PageResponse:
    return PageResponse(
        slug=page.slug,
        title=page.title_in(language),
        content=page.content_in(language),
        updated_at=time_text(page.updated_at),
    )


def to_faq_response(entries: list[FaqEntry], language: str) -> FaqResponse:
    return FaqResponse(
        slug=FAQ,
        title=FAQ_TITLE.render(language),
        content="".join(entry.html_in(language) for entry in entries),
        updated_at=time_text(max(entry.updated_at for entry in entries)) if entries else None,
        results=[to_question_response(entry, language) for entry in entries],
    )


def to_question_response(entry: FaqEntry, language: str) -> QuestionResponse:
    return QuestionResponse(
        id=entry.entry_id,
        question=entry.question_in(language),
        answer=entry.answer_in(language),
        display_order=entry.display_order,
    )


def to_release_response(release: Release, language: str) -> ReleaseResponse:
    return ReleaseResponse(
        platform=release.platform,
        latest_version=release.latest_version,
        minimum_version=release.minimum_version,
        download_url=release.download_url,
        release_notes=release.notes_in(language),
    )
