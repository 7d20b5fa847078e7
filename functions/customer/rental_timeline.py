"""What happened to a rental: /api/rentals/{rental_id}/timeline."""

from chalicelib.edge.models import Page, PageQuery
from chalicelib.edge.pagination import Cursor
from chalicelib.edge.responses import Response, ok
from chalicelib.services.caller import Caller
from chalicelib.services.rentals import timeline
from functions.params import RentalId
from functions.routing import blueprint
from functions.tags import Tag
from functions.timeline_schema import TimelineEntryResponse, to_timeline_entry

routes = blueprint(__name__, Tag.RENTALS)


@routes.get(
    "/api/rentals/{rental_id}/timeline",
    query=PageQuery,
    response=Page[TimelineEntryResponse],
    prefetch=timeline.prefetch_keys,
    problems=("not_found",),
)
def read_timeline(query: PageQuery, caller: Caller, rental_id: RentalId, cursor: Cursor, language: str) -> Response:
    """Requests, states, postings, commands to stations, their reports and notifications, oldest first."""
    entries, following = timeline.of_caller(caller, rental_id, after=cursor.text("after"), limit=query.limit)
    results = [to_timeline_entry(entry, language) for entry in entries]
    return ok(Page[TimelineEntryResponse].of(results, cursor.following(after=following)))
