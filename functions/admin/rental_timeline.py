"""What happened to a customer's rental: /api/admin/rentals/{rental_id}/timeline."""

from chalicelib.edge.models import Page, PageQuery
from chalicelib.edge.pagination import Cursor
from chalicelib.edge.responses import Response, ok
from chalicelib.services.rentals import timeline
from functions.params import RentalId
from functions.routing import blueprint
from functions.tags import Tag
from functions.timeline_schema import TimelineEntryResponse, to_timeline_entry

routes = blueprint(__name__, Tag.ADMIN_RENTALS)


@routes.get(
    "/api/admin/rentals/{rental_id}/timeline",
    permission="admin",
    query=PageQuery,
    response=Page[TimelineEntryResponse],
    problems=("not_found",),
)
def read_timeline(query: PageQuery, rental_id: RentalId, cursor: Cursor, language: str) -> Response:
    """The timeline that the customer sees, with the bytes of every command and report, oldest first."""
    entries, following = timeline.of_any(rental_id, after=cursor.text("after"), limit=query.limit)
    results = [to_timeline_entry(entry, language, with_raw=True) for entry in entries]
    return ok(Page[TimelineEntryResponse].of(results, cursor.following(after=following)))
