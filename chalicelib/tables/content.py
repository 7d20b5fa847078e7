"""Pages and frequently asked questions."""

from pynamodb.attributes import UnicodeAttribute

from chalicelib.domain.content.content import ContentPage, FaqEntry
from chalicelib.tables.atomic import Transaction
from chalicelib.tables.attributes import IntAttribute, TimeAttribute
from chalicelib.tables.dynamodb import storage
from chalicelib.tables.rows import Key, Row, entity, values

ALL = "all"


class PageRow(Row):
    class Meta:
        table_name = "content_pages"

    slug = UnicodeAttribute(hash_key=True)
    title = UnicodeAttribute()
    title_ne = UnicodeAttribute()
    content = UnicodeAttribute()
    content_ne = UnicodeAttribute()
    updated_at = TimeAttribute()
    version = IntAttribute()


class FaqRow(Row):
    """All entries have the same `partition`, so that one query lists them."""

    class Meta:
        table_name = "faq_entries"

    partition = UnicodeAttribute(hash_key=True, default=ALL)
    entry_id = UnicodeAttribute(range_key=True)
    question = UnicodeAttribute()
    question_ne = UnicodeAttribute()
    answer = UnicodeAttribute()
    answer_ne = UnicodeAttribute()
    display_order = IntAttribute()
    updated_at = TimeAttribute()
    version = IntAttribute()


def page_key(slug: str) -> Key[ContentPage]:
    return Key(PageRow, slug, None, lambda row: entity(row, ContentPage))


def save_page(ops: Transaction, page: ContentPage) -> None:
    """Stage the page. Stale when it has changed since it was read."""
    ops.save(PageRow(**values(page)), page.version)


def delete_page(ops: Transaction, page: ContentPage) -> None:
    ops.remove(PageRow(slug=page.slug), version=page.version)


def faq_entry_key(entry_id: str) -> Key[FaqEntry]:
    return Key(FaqRow, ALL, entry_id, lambda row: entity(row, FaqEntry))


def faq_entries() -> list[FaqEntry]:
    """All entries in display order. Raises Problem("storage_unavailable")."""
    with storage():
        entries = [entity(row, FaqEntry) for row in FaqRow.query(ALL, consistent_read=True)]
    return sorted(entries, key=lambda entry: (entry.display_order, entry.entry_id))


def save_faq_entry(ops: Transaction, entry: FaqEntry) -> None:
    """Stage the entry. Stale when it has changed since it was read."""
    ops.save(FaqRow(partition=ALL, **values(entry)), entry.version)


def delete_faq_entry(ops: Transaction, entry: FaqEntry) -> None:
    ops.remove(FaqRow(partition=ALL, entry_id=entry.entry_id), version=entry.version)
