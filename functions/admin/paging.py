"""Page numbers as the operators' dashboard reads them."""

from typing import Annotated

from pydantic import Field

from chalicelib.edge.coercion import AsInteger
from chalicelib.edge.models import RequestModel, ResponseModel


class NumberedPageQuery(RequestModel):
    """Which page of a list, as the operators' dashboard asks for it."""

    page: Annotated[
        int, Field(strict=True, ge=1, le=1000, description="The number of the page, from 1"), AsInteger
    ] = 1
    page_size: Annotated[
        int, Field(strict=True, ge=1, le=100, description="How many results a page holds"), AsInteger
    ] = 20


class PageNumbers(ResponseModel):
    """Where a page is among the others, as the operators' dashboard reads it."""

    current_page: int
    total_pages: int
    total_count: int
    page_size: int
    has_next: bool
    has_previous: bool
    next_page: int | None
    previous_page: int | None


def page_numbers(page: int, page_size: int, total: int) -> PageNumbers:
    pages = max(1, -(-total // page_size))
    return PageNumbers(
        current_page=page,
        total_pages=pages,
        total_count=total,
        page_size=page_size,
        has_next=page < pages,
        has_previous=page > 1,
        next_page=page + 1 if page < pages else None,
        previous_page=page - 1 if page > 1 else None,
    )
