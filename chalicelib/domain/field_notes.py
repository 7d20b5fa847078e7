"""Notes that stand under a field of a form: a code, the values it names, and its text in both languages."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from chalicelib.domain.field_note_texts import NOTE_TEXTS
from chalicelib.domain.note_codes import NoteCode


class FieldNote(NamedTuple):
    """What is wrong with one field, and what to do."""

    code: NoteCode
    values: Mapping[str, Any]

    def text(self, language: str) -> str:
        """In Nepali for `ne`, else in English."""
        return NOTE_TEXTS[self.code].render(language, self.values)


class InvalidField(ValueError):
    """A field's value can't be used; the validators of request models raise it."""

    def __init__(self, code: NoteCode, **values: Any) -> None:
        self.note = note(code, **values)
        super().__init__(code)


def note(code: NoteCode, **values: Any) -> FieldNote:
    """The note of that code; `values` fill the braces of its text."""
    return FieldNote(code, values)
