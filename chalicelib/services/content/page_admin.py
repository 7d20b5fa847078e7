"""Operators write and delete pages."""

from dataclasses import replace

from chalicelib.domain.content import MAX_CONTENT_BYTES, PAGE_SLUGS, ContentPage
from chalicelib.domain.problems import Problem
from chalicelib.services.caller import Caller, fresh_caller
from chalicelib.services.content import pages
from chalicelib.services.content.editing import cleaned, must_be_current, record
from chalicelib.tables import content
from chalicelib.tables.atomic import Transaction, atomic
from chalicelib.tables.dynamodb import fetch_many, fetch_one
from chalicelib.world import World


def listing() -> list[ContentPage]:
    """The pages that are written."""
    return fetch_many([content.page_key(slug) for slug in PAGE_SLUGS])


def read(slug: str) -> ContentPage:
    """Raises Problem("not_found")."""
    stored = fetch_one(content.page_key(slug)) if slug in PAGE_SLUGS else None
    if stored is None:
        raise Problem("not_found")
    return stored


def write(world: World, caller: Caller, draft: ContentPage) -> ContentPage:
    """Write a page over the version that the operator has read, 0 for a page that is not written.

    A draft with the stored texts changes nothing. Raises Problem: not_found, invalid_input, changed_meanwhile.
    """
    if draft.slug not in PAGE_SLUGS:
        raise Problem("not_found")
    html = cleaned(world, {"content": draft.content, "content_ne": draft.content_ne}, MAX_CONTENT_BYTES)
    page = replace(draft, updated_at=world.now(), content=html["content"], content_ne=html["content_ne"])

    def decide(ops: Transaction) -> ContentPage:
        fresh_caller(world, caller, ops)
        before = fetch_one(content.page_key(page.slug))
        if before is not None and replace(page, updated_at=before.updated_at, version=before.version) == before:
            return before
        must_be_current(before.version if before is not None else 0, page.version)
        content.save_page(ops, page)
        record(ops, world, caller, "page_written", page.slug, before=before, after=page)
        return replace(page, version=page.version + 1)

    written = atomic(world, decide)
    pages.forget()
    return written


def delete(world: World, caller: Caller, slug: str) -> None:
    """Raises Problem("not_found")."""

    def decide(ops: Transaction) -> None:
        fresh_caller(world, caller, ops)
        before = read(slug)
        content.delete_page(ops, before)
        record(ops, world, caller, "page_deleted", slug, before=before)

    atomic(world, decide)
    pages.forget()
