"""What happened to a customer's rental: /api/admin/rentals/{rental_id}/timeline."""

from collections.abc import Sequence

from chalicelib.domain.rentals.timeline import TimelineEntry
from chalicelib.edge.pagination import Cursor
from chalicelib.edge.responses import Response, ok
from chalicelib.services.rentals import timeline
from functions.admin.paging import AnyPage, AnyPageQuery, PageNumbers
from functions.params import RentalId
from functions.routing import blueprint
from functions.tags import Tag
from functions.timeline_schema import TimelineEntryResponse, to_timeline_entry

routes = blueprint(__name__, Tag.ADMIN_RENTALS)


class AdminTimelineResponse(AnyPage[TimelineEntryResponse]):
    pass


@routes.get(
    "/api/admin/rentals/{rental_id}/timeline",
    permission="admin",
    query=AnyPageQuery,
    response=AdminTimelineResponse,
    problems=("not_found",),
)
def read_timeline(query: AnyPageQuery, rental_id: RentalId, cursor: Cursor, language: str) -> Response:
    """The timeline that the customer sees, with the bytes of every command and report, oldest first."""
    after, pagination = cursor.text("after"), None
    entries: Sequence[TimelineEntry]
    if after is None:
        page = query.to_page()
        entries, total = timeline.numbered_of_any(rental_id, page)
        following = entries[-1].place if page.first + page.size < total else None
        pagination = PageNumbers.of(query, total)
    else:
        entries, following = timeline.of_any(rental_id, after=after, limit=query.limit)
    results = [to_timeline_entry(entry, language, with_raw=True) for entry in entries]
    next_cursor = cursor.following(after=following)
    return ok(AdminTimelineResponse(results=results, next_cursor=next_cursor, pagination=pagination))
