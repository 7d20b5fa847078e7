"""Messages that no consumer could handle: /api/admin/system/dead-letters."""

from typing import Annotated, NewType

from pydantic import Field

from chalicelib.domain.operations.dead_letter import DeadLetter
from chalicelib.domain.text.time_text import time_text
from chalicelib.edge.formats import Time
from chalicelib.edge.models import RequestModel, ResponseModel
from chalicelib.edge.responses import Response, ok
from chalicelib.edge.text_conversion import AsInteger
from chalicelib.services.admin import dead_letters
from chalicelib.services.caller import Caller
from chalicelib.services.outbox import dead_letter_name
from chalicelib.wiring import world
from functions.admin.paging import PageNumbers, ShortListQuery
from functions.routing import blueprint
from functions.tags import Tag

routes = blueprint(__name__, Tag.ADMIN_DEAD_LETTERS)
PATH = "/api/admin/system/dead-letters"
QueueName = NewType("QueueName", str)
MAX_AT_ONCE = 100


class RedriveLetters(RequestModel):
    limit: Annotated[
        int, Field(strict=True, ge=1, le=MAX_AT_ONCE, description="How many messages go back at most"), AsInteger
    ] = MAX_AT_ONCE


class QueueOfLetters(ResponseModel):
    queue: str
    dead_letter_queue: str
    messages: Annotated[int, Field(description="About how many wait")]


class QueuesResponse(ResponseModel):
    results: list[QueueOfLetters]
    pagination: PageNumbers


class DeadLetterResponse(ResponseModel):
    id: str
    sent_at: Time
    receive_count: int
    fields: Annotated[dict[str, str], Field(description="What the message is about: ids and kinds")]
    hidden_fields: Annotated[list[str], Field(description="The names of fields that may hold personal data")]


class DeadLettersResponse(ResponseModel):
    queue: str
    results: list[DeadLetterResponse]
    pagination: PageNumbers


class RedriveResponse(ResponseModel):
    queue: str
    moved: int
    left: Annotated[int, Field(description="About how many still wait")]


@routes.get(PATH, permission="system", query=ShortListQuery, response=QueuesResponse)
def list_queues(query: ShortListQuery) -> Response:
    """Every queue, and about how many of its messages no consumer could handle."""
    queues, total = query.to_page().with_total(dead_letters.counts(world()))
    results = [
        QueueOfLetters(queue=item.queue, dead_letter_queue=dead_letter_name(item.queue), messages=item.count)
        for item in queues
    ]
    return ok(QueuesResponse(results=results, pagination=PageNumbers.of(query, total)))


@routes.get(
    f"{PATH}/{{queue}}",
    permission="system",
    query=ShortListQuery,
    response=DeadLettersResponse,
    problems=("not_found",),
)
def list_dead_letters(query: ShortListQuery, queue: QueueName) -> Response:
    """Up to ten of these messages, without what they say about a person. They stay where they are."""
    letters, total = query.to_page().with_total(dead_letters.peek(world(), queue))
    results = [to_letter(letter) for letter in letters]
    return ok(DeadLettersResponse(queue=queue, results=results, pagination=PageNumbers.of(query, total)))


@routes.post(
    f"{PATH}/{{queue}}/redrive",
    permission="system",
    body=RedriveLetters,
    response=RedriveResponse,
    problems=("not_found",),
)
def redrive(request: RedriveLetters, caller: Caller, queue: QueueName) -> Response:
    """Have these messages handled again. One that fails again comes back here."""
    moved = dead_letters.redrive(world(), caller, queue, request.limit)
    return ok(RedriveResponse(queue=moved.queue, moved=moved.moved, left=moved.left))


def to_letter(letter: DeadLetter) -> DeadLetterResponse:
    return DeadLetterResponse(
        id=letter.letter_id,
        sent_at=time_text(letter.sent_at),
        receive_count=letter.receives_count,
        fields=dict(letter.shown),
        hidden_fields=list(letter.hidden),
    )
