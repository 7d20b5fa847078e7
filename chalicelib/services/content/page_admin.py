"""Operators write and delete pages."""

from dataclasses import replace

from chalicelib.domain.content.content import MAX_CONTENT_BYTES, PAGE_SLUGS, ContentPage
from chalicelib.domain.problems.problems import Problem, must_exist
from chalicelib.services.caller import Caller
from chalicelib.services.content import editing, pages
from chalicelib.services.content.editing import cleaned
from chalicelib.tables import content
from chalicelib.tables.dynamodb import fetch_many, fetch_one
from chalicelib.world import World


def listing() -> list[ContentPage]:
    """The pages that are written."""
    return fetch_many([content.page_key(slug) for slug in PAGE_SLUGS])


def read(slug: str) -> ContentPage:
    """Raises Problem("not_found")."""
    return must_exist(fetch_one(content.page_key(slug)) if slug in PAGE_SLUGS else None)


def write(world: World, caller: Caller, draft: ContentPage) -> ContentPage:
    """Write a page over the version that the operator has read, 0 for a page that is not written.

    A draft with the stored texts changes nothing. Raises Problem: not_found, invalid_input, changed_meanwhile.
    """
    if draft.slug not in PAGE_SLUGS:
        raise Problem("not_found")
    html = cleaned(world, {"content": draft.content, "content_ne": draft.content_ne}, MAX_CONTENT_BYTES)
    page = replace(draft, updated_at=world.now(), content=html["content"], content_ne=html["content_ne"])

    written = editing.change(
        world,
        caller,
        page,
        read=lambda: fetch_one(content.page_key(page.slug)),
        save=content.save_page,
        as_stored=lambda before: replace(page, updated_at=before.updated_at, version=before.version),
        logged_as=("page_written", page.slug),
    )
    pages.forget()
    return written


def delete(world: World, caller: Caller, slug: str) -> None:
    """Raises Problem("not_found")."""
    editing.delete(
        world, caller, read=lambda: read(slug), remove=content.delete_page, logged_as=("page_deleted", slug)
    )
    pages.forget()
