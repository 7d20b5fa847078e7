"""Banners, for operators: /api/admin/content/banners."""

from typing import Annotated, NewType

from pydantic import AfterValidator, Field

from chalicelib.domain.content.banner import MAX_DESCRIPTION_LENGTH, MAX_TITLE_LENGTH, Banner
from chalicelib.domain.content.web_link import MAX_LINK_LENGTH, https_link, https_or_app_link
from chalicelib.domain.text.time_text import time_text
from chalicelib.edge.formats import Time, WebAddress
from chalicelib.edge.models import RequestModel, ResponseModel
from chalicelib.edge.responses import Response, created, ok
from chalicelib.edge.text_conversion import Boolean
from chalicelib.services.admin import banners
from chalicelib.services.caller import Caller
from chalicelib.wiring import world
from functions.admin.content import DeletedContentResponse, Order, Version
from functions.admin.paging import PageNumbers, ShortListQuery
from functions.params import FirstDay, Id, LastDay, span_of
from functions.routing import blueprint
from functions.tags import Tag

routes = blueprint(__name__, Tag.ADMIN_CONTENT)
PATH = "/api/admin/content/banners"
BannerId = NewType("BannerId", str)
Title = Annotated[str, Field(min_length=1, max_length=MAX_TITLE_LENGTH)]
Description = Annotated[str, Field(min_length=1, max_length=MAX_DESCRIPTION_LENGTH)]
ImageLink = Annotated[
    str, Field(max_length=MAX_LINK_LENGTH, examples=["https://example.com/a.png"]), AfterValidator(https_link)
]
Link = Annotated[
    str,
    Field(max_length=MAX_LINK_LENGTH, description="An https address, or a link into the app"),
    AfterValidator(https_or_app_link),
]


class AddBanner(RequestModel):
    title: Title
    title_ne: Title
    description: Description
    description_ne: Description
    image_url: Annotated[
        ImageLink | None, Field(description="An https address. It or `image_upload_id` is needed")
    ] = None
    image_upload_id: Annotated[Id | None, Field(description="The caller's upload, in place of `image_url`")] = None
    redirect_url: Link | None = None
    display_order: Order
    is_active: Boolean = True
    valid_from: FirstDay | None = None
    valid_until: LastDay | None = None

    def banner(self, banner_id: str, version: int) -> Banner:
        span = span_of(self.valid_from, self.valid_until)
        return Banner(
            banner_id,
            self.title,
            self.image_url or "",
            self.description,
            self.redirect_url,
            self.display_order,
            active=self.is_active,
            starts_at=span.start,
            ends_at=span.end,
            title_ne=self.title_ne,
            description_ne=self.description_ne,
            version=version,
        )


class ChangeBanner(AddBanner):
    version: Version


class AdminBannerResponse(ResponseModel):
    id: str
    title: str
    title_ne: str | None
    description: str
    description_ne: str | None
    image_url: WebAddress
    redirect_url: WebAddress | None
    display_order: int
    is_active: bool
    valid_from: Time | None
    valid_until: Time | None
    version: int


class AdminBannersResponse(ResponseModel):
    results: list[AdminBannerResponse]
    pagination: PageNumbers


@routes.get(PATH, permission="content", query=ShortListQuery, response=AdminBannersResponse)
def list_banners(query: ShortListQuery) -> Response:
    """All banners in both languages, in display order, also those that are not shown now."""
    shown, total = query.to_page().with_total(banners.listing())
    results = [to_admin_banner_response(banner) for banner in shown]
    return ok(AdminBannersResponse(results=results, pagination=PageNumbers.of(query, total)))


@routes.post(
    PATH,
    body=AddBanner,
    permission="content",
    response=AdminBannerResponse,
    status=201,
    problems=("name_taken", "dates_wrong", "content_full", "upload_unusable", "media_unavailable"),
)
def add_banner(request: AddBanner, caller: Caller) -> Response:
    """Add a banner in both languages. Customers see it within a minute of its first day."""
    return created(
        to_admin_banner_response(banners.create(world(), caller, request.banner("", 0), request.image_upload_id))
    )


@routes.put(
    f"{PATH}/{{banner_id}}",
    body=ChangeBanner,
    permission="content",
    response=AdminBannerResponse,
    problems=("not_found", "dates_wrong", "changed_meanwhile", "upload_unusable", "media_unavailable"),
)
def change_banner(request: ChangeBanner, caller: Caller, banner_id: BannerId) -> Response:
    """Replace a banner."""
    banner = banners.change(world(), caller, request.banner(banner_id, request.version), request.image_upload_id)
    return ok(to_admin_banner_response(banner))


@routes.delete(
    f"{PATH}/{{banner_id}}", permission="content", response=DeletedContentResponse, problems=("not_found",)
)
def delete_banner(caller: Caller, banner_id: BannerId) -> Response:
    """Delete a banner."""
    banners.delete(world(), caller, banner_id)
    return ok(DeletedContentResponse(id=banner_id))


def to_admin_banner_response(banner: Banner) -> AdminBannerResponse:
    return AdminBannerResponse(
        id=banner.banner_id,
        title=banner.title,
        title_ne=banner.title_ne,
        description=banner.description,
        description_ne=banner.description_ne,
        image_url=banner.image_url,
        redirect_url=banner.redirect_url,
        display_order=banner.display_order,
        is_active=banner.active,
        valid_from=time_text(banner.starts_at) if banner.starts_at else None,
        valid_until=time_text(banner.ends_at) if banner.ends_at else None,
        version=banner.version,
    )
