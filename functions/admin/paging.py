"""Lists with page numbers, in the form of the operators' dashboard."""

from typing import Annotated, Any, Generic, TypeVar

from pydantic import Field

from chalicelib.domain.operators.numbered_page import MAX_LISTED, NumberedPage
from chalicelib.edge.models import ListQuery, PageQuery, RequestModel, ResponseModel
from chalicelib.edge.pagination import Cursor
from chalicelib.edge.text_conversion import AsInteger

T = TypeVar("T")
PageNumber = Annotated[
    int, Field(strict=True, ge=1, le=1000, description="The number of the page, from 1"), AsInteger
]
PageSize = Annotated[int, Field(strict=True, ge=1, le=100, description="How many results a page holds"), AsInteger]


class PageNumberQuery(RequestModel):
    """The requested page of a list with page numbers, which is no file."""

    page: PageNumber = 1
    page_size: PageSize = 20

    def to_page(self) -> NumberedPage:
        return NumberedPage(self.page, self.page_size)


class NumberedPageQuery(ListQuery, PageNumberQuery):
    """The requested page of a list with page numbers, or the list as a file."""

    def to_page(self) -> NumberedPage:
        whole = self.wants_file and "page_size" not in self.model_fields_set
        return NumberedPage(self.page, MAX_LISTED if whole else self.page_size)


class ShortListQuery(ListQuery, PageNumberQuery):
    """The requested page of a short list, or all of it without `page` and `page_size`."""

    page_size: Annotated[
        PageSize, Field(description="Without it and without `page` the page holds the whole list")
    ] = 20

    def to_page(self) -> NumberedPage:
        whole = not self.model_fields_set & {"page", "page_size"}
        return NumberedPage(self.page, MAX_LISTED if whole else self.page_size)


class AnyPageQuery(ListQuery, PageQuery):
    """The requested page of a long list, by `cursor` or by its number. A cursor decides if both are given."""

    page: PageNumber | None = None
    page_size: PageSize | None = None

    def to_page(self) -> NumberedPage:
        size = MAX_LISTED if self.wants_file and "limit" not in self.model_fields_set else self.limit
        return NumberedPage(self.page or 1, self.page_size or size)


class PageNumbers(ResponseModel):
    """The position of a page within its list."""

    current_page: int
    total_pages: int
    total_count: Annotated[int, Field(description=f"Counted up to {MAX_LISTED}")]
    page_size: int
    has_next: bool
    has_previous: bool
    next_page: int | None
    previous_page: int | None

    @classmethod
    def of(cls, query: PageNumberQuery | AnyPageQuery, total: int) -> "PageNumbers":
        """The numbers of the page of `query` in a list of `total` items."""
        page, size = query.to_page().number, query.to_page().size
        pages = max(1, -(-total // size))
        return cls(
            current_page=page,
            total_pages=pages,
            total_count=total,
            page_size=size,
            has_next=page < pages,
            has_previous=page > 1,
            next_page=page + 1 if page < pages else None,
            previous_page=page - 1 if page > 1 else None,
        )


class AnyPage(ResponseModel, Generic[T]):
    """A page of a long list, as an `AnyPageQuery` requests it."""

    results: list[T]
    next_cursor: str | None
    pagination: PageNumbers | None
    """Null for a page that a cursor chose."""


def page_fields(query: AnyPageQuery, cursor: Cursor, listed: int, **following: str | None) -> dict[str, Any]:
    """`next_cursor` and `pagination` of an AnyPage. `listed` counts the items with page numbers.

    `following` is where the next page begins, by the name that `cursor` has for it. None at the end of the list.
    """
    pagination = None if cursor.position else PageNumbers.of(query, listed)
    return {"next_cursor": cursor.following(**following), "pagination": pagination}
