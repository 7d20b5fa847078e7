"""Keys of one read: whatever characters they hold, each row belongs to its own key."""

from datetime import UTC, datetime

from chalicelib.domain.cabinets.event_log import EventKind, LogEntry
from chalicelib.tables.dynamodb import fetch
from chalicelib.tables.event_log import EventRow
from chalicelib.tables.rows import Key, values

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)


def test_two_keys_whose_parts_join_to_one_text_are_read_apart(tables: object) -> None:
    parts = [("3", "1|source=2"), ("2|source=3", "1")]
    for source, entry_id in parts:
        entry = LogEntry(source, EventKind.FRAME, source, NOW, NOW, "", "")
        EventRow(**values(entry), entry_id=entry_id, expires=0).save()
    keys = [Key(EventRow, *part, lambda row: row.name) for part in parts]
    rows = fetch(*keys)
    assert [rows[key] for key in keys] == ["3", "2|source=3"]
