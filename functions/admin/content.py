"""Pages and frequently asked questions, for operators: /api/admin/content."""

from typing import Annotated, NewType

from pydantic import Field

from chalicelib.domain.content.content import (
    MAX_ANSWER_BYTES,
    MAX_CONTENT_BYTES,
    MAX_QUESTION_LENGTH,
    MAX_TITLE_LENGTH,
    ContentPage,
    FaqEntry,
)
from chalicelib.domain.text.time_text import time_text
from chalicelib.edge.formats import Time
from chalicelib.edge.models import RequestModel, ResponseModel
from chalicelib.edge.responses import Response, created, ok
from chalicelib.edge.text_conversion import AsInteger
from chalicelib.services.caller import Caller
from chalicelib.services.content import faq_admin, page_admin
from chalicelib.wiring import world
from functions.admin.paging import PageNumbers, ShortListQuery
from functions.routing import blueprint
from functions.tags import Tag

routes = blueprint(__name__, Tag.ADMIN_CONTENT)
PAGES, FAQ = "/api/admin/content/pages", "/api/admin/content/faq"
HTML = "HTML, cleaned when it is stored. Cleaned, at most"
PageSlug = NewType("PageSlug", str)
EntryId = NewType("EntryId", str)
Title = Annotated[str, Field(min_length=1, max_length=MAX_TITLE_LENGTH)]
Question = Annotated[str, Field(min_length=1, max_length=MAX_QUESTION_LENGTH)]
PageHtml = Annotated[
    str, Field(min_length=1, max_length=60_000, description=f"{HTML} {MAX_CONTENT_BYTES} bytes of it")
]
AnswerHtml = Annotated[
    str, Field(min_length=1, max_length=20_000, description=f"{HTML} {MAX_ANSWER_BYTES} bytes of it")
]
Order = Annotated[int, Field(strict=True, ge=0, le=10_000), AsInteger]
PageVersion = Annotated[
    int,
    Field(strict=True, ge=0, le=10**9, description="The version that was read; 0 for a new page"),
    AsInteger,
]
Version = Annotated[int, Field(strict=True, ge=1, le=10**9, description="The version that was read"), AsInteger]


class WritePage(RequestModel):
    title: Title
    title_ne: Title
    content: PageHtml
    content_ne: PageHtml
    version: PageVersion


class AdminPageResponse(ResponseModel):
    slug: str
    title: str
    title_ne: str
    content: str
    content_ne: str
    updated_at: Time
    version: int


class AdminPagesResponse(ResponseModel):
    results: list[AdminPageResponse]
    pagination: PageNumbers


class AddQuestion(RequestModel):
    question: Question
    question_ne: Question
    answer: AnswerHtml
    answer_ne: AnswerHtml
    display_order: Order

    def entry(self, entry_id: str, version: int) -> FaqEntry:
        return FaqEntry(
            entry_id,
            self.question,
            self.question_ne,
            self.answer,
            self.answer_ne,
            self.display_order,
            world().now(),
            version,
        )


class ChangeQuestion(AddQuestion):
    version: Version


class AdminQuestionResponse(ResponseModel):
    id: str
    question: str
    question_ne: str
    answer: str
    answer_ne: str
    display_order: int
    updated_at: Time
    version: int


class AdminQuestionsResponse(ResponseModel):
    results: list[AdminQuestionResponse]
    pagination: PageNumbers


class DeletedContentResponse(ResponseModel):
    id: str


@routes.get(PAGES, permission="content", query=ShortListQuery, response=AdminPagesResponse)
def list_pages(query: ShortListQuery) -> Response:
    """The pages that are written, in both languages."""
    pages, total = query.to_page().with_total(page_admin.listing())
    results = [to_admin_page_response(page) for page in pages]
    return ok(AdminPagesResponse(results=results, pagination=PageNumbers.of(query, total)))


@routes.get(f"{PAGES}/{{slug}}", permission="content", response=AdminPageResponse, problems=("not_found",))
def show_page(slug: PageSlug) -> Response:
    """One page in both languages."""
    return ok(to_admin_page_response(page_admin.read(slug)))


@routes.put(
    f"{PAGES}/{{slug}}",
    body=WritePage,
    permission="content",
    response=AdminPageResponse,
    problems=("not_found", "changed_meanwhile"),
)
def write_page(request: WritePage, caller: Caller, slug: PageSlug) -> Response:
    """Write a page in both languages. Customers see it within a minute."""
    texts = (request.title, request.title_ne, request.content, request.content_ne)
    draft = ContentPage(slug, *texts, world().now(), request.version)
    return ok(to_admin_page_response(page_admin.write(world(), caller, draft)))


@routes.delete(f"{PAGES}/{{slug}}", permission="content", response=DeletedContentResponse, problems=("not_found",))
def delete_page(caller: Caller, slug: PageSlug) -> Response:
    """Delete a page. Customers get 404 until it is written again."""
    page_admin.delete(world(), caller, slug)
    return ok(DeletedContentResponse(id=slug))


@routes.get(FAQ, permission="content", query=ShortListQuery, response=AdminQuestionsResponse)
def list_questions(query: ShortListQuery) -> Response:
    """All frequently asked questions in both languages, in display order."""
    entries, total = query.to_page().with_total(faq_admin.listing())
    results = [to_admin_question_response(entry) for entry in entries]
    return ok(AdminQuestionsResponse(results=results, pagination=PageNumbers.of(query, total)))


@routes.post(
    FAQ,
    body=AddQuestion,
    permission="content",
    response=AdminQuestionResponse,
    status=201,
    problems=("name_taken", "content_full"),
)
def add_question(request: AddQuestion, caller: Caller) -> Response:
    """Add a question and its answer in both languages."""
    return created(to_admin_question_response(faq_admin.create(world(), caller, request.entry("", 0))))


@routes.put(
    f"{FAQ}/{{entry_id}}",
    body=ChangeQuestion,
    permission="content",
    response=AdminQuestionResponse,
    problems=("not_found", "changed_meanwhile"),
)
def change_question(request: ChangeQuestion, caller: Caller, entry_id: EntryId) -> Response:
    """Replace a question and its answer."""
    entry = faq_admin.change(world(), caller, request.entry(entry_id, request.version))
    return ok(to_admin_question_response(entry))


@routes.delete(f"{FAQ}/{{entry_id}}", permission="content", response=DeletedContentResponse, problems=("not_found",))
def delete_question(caller: Caller, entry_id: EntryId) -> Response:
    """Delete a question."""
    faq_admin.delete(world(), caller, entry_id)
    return ok(DeletedContentResponse(id=entry_id))


def to_admin_page_response(page: ContentPage) -> AdminPageResponse:
    return AdminPageResponse(
        slug=page.slug,
        title=page.title,
        title_ne=page.title_ne,
        content=page.content,
        content_ne=page.content_ne,
        updated_at=time_text(page.updated_at),
        version=page.version,
    )


def to_admin_question_response(entry: FaqEntry) -> AdminQuestionResponse:
    return AdminQuestionResponse(
        id=entry.entry_id,
        question=entry.question,
        question_ne=entry.question_ne,
        answer=entry.answer,
        answer_ne=entry.answer_ne,
        display_order=entry.display_order,
        updated_at=time_text(entry.updated_at),
        version=entry.version,
    )
