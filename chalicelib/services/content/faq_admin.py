"""Operators add, change and delete frequently asked questions."""

from dataclasses import replace

from chalicelib.domain.content.content import MAX_ANSWER_BYTES, MAX_FAQ_ENTRIES, FaqEntry
from chalicelib.domain.problems.problems import Problem, must_exist
from chalicelib.domain.text.ids import is_id
from chalicelib.services import audit_log
from chalicelib.services.caller import Caller, fresh_caller
from chalicelib.services.content import editing, pages
from chalicelib.services.content.editing import cleaned, content_action, free_id
from chalicelib.tables import content
from chalicelib.tables.atomic import Transaction, atomic
from chalicelib.tables.dynamodb import fetch_one
from chalicelib.world import World


def listing() -> list[FaqEntry]:
    """All questions in display order."""
    return content.faq_entries()


def create(world: World, caller: Caller, draft: FaqEntry) -> FaqEntry:
    """Add a question. Raises Problem: invalid_input, name_taken (the English question is there), content_full."""
    entry = _clean(world, draft)

    def decide(ops: Transaction) -> FaqEntry:
        fresh_caller(world, caller, ops)
        others = content.faq_entries()
        if entry.question.casefold() in {other.question.casefold() for other in others}:
            raise Problem("name_taken")
        if len(others) >= MAX_FAQ_ENTRIES:
            raise Problem("content_full", limit=MAX_FAQ_ENTRIES)
        added = replace(entry, entry_id=free_id(entry.question.casefold(), {other.entry_id for other in others}))
        content.save_faq_entry(ops, added)
        action = content_action("question_added", added.entry_id, None, added)
        audit_log.record(ops, world, caller.user_id, action)
        return replace(added, version=1)

    created = atomic(world, decide)
    pages.forget()
    return created


def change(world: World, caller: Caller, draft: FaqEntry) -> FaqEntry:
    """Replace a question over the version that the operator has read. A draft with the stored texts changes nothing.

    Raises Problem: not_found, invalid_input, changed_meanwhile.
    """
    entry = _clean(world, draft)

    changed = editing.change(
        world,
        caller,
        entry,
        read=lambda: _read(entry.entry_id),
        save=content.save_faq_entry,
        as_stored=lambda before: replace(entry, updated_at=before.updated_at, version=before.version),
        logged_as=("question_changed", entry.entry_id),
    )
    pages.forget()
    return changed


def delete(world: World, caller: Caller, entry_id: str) -> None:
    """Raises Problem("not_found")."""
    editing.delete(
        world,
        caller,
        read=lambda: _read(entry_id),
        remove=content.delete_faq_entry,
        logged_as=("question_deleted", entry_id),
    )
    pages.forget()


def _clean(world: World, draft: FaqEntry) -> FaqEntry:
    html = cleaned(world, {"answer": draft.answer, "answer_ne": draft.answer_ne}, MAX_ANSWER_BYTES)
    return replace(draft, updated_at=world.now(), answer=html["answer"], answer_ne=html["answer_ne"])


def _read(entry_id: str) -> FaqEntry:
    return must_exist(fetch_one(content.faq_entry_key(entry_id)) if is_id(entry_id) else None)
