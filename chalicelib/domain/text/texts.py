"""Bilingual texts: a text in English and Nepali, and how values are written into it for a reader."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

from chalicelib.domain.text.clock_text import NEPALI_DIGITS, clock_text, day_text, duration_text
from chalicelib.domain.text.money import grouped_money_text

ENGLISH, NEPALI = "en", "ne"
LANGUAGES = (ENGLISH, NEPALI)


class Text(NamedTuple):
    """The same text in both languages. Names in braces are values."""

    en: str
    ne: str

    def render(
        self, language: str, values: Mapping[str, Any] | None = None, written_at: datetime | None = None
    ) -> str:
        """In Nepali for `ne`, else in English.

        A number is written in the reader's digits, a sum of money (`min_paisa` fills `{min}`) in grouped
        rupees, and text as it is. An English count of one takes its singular: `{points} points` gives `1 point`.
        `due_at`, an ISO 8601 text, is written as a time of day, with the day if `written_at` is on another one.
        `day`, an ISO 8601 date, is written with the name of its month. `used_minutes` fills `{used}` with hours and
        minutes. A value with an `en` and a `ne` is read in its language.
        """
        template = self.ne if language == NEPALI else self.en
        shown = {
            name.removesuffix("_paisa").removesuffix("_minutes"): _shown(name, value, language, written_at)
            for name, value in (values or {}).items()
        }
        if language != NEPALI:
            for name, value in (values or {}).items():
                if value == 1 and name.endswith("s"):
                    template = template.replace(f"{{{name}}} {name}", f"{{{name}}} {name.removesuffix('s')}")
        return template.format(**shown)


def rupees_text(paisa: int, language: str) -> str:
    """An amount in the reader's digits: `1,23,456.50`, in Nepali `१,२३,४५६.५०`. API fields have another form."""
    return digits_text(grouped_money_text(paisa), language)


def digits_text(text: str, language: str) -> str:
    """The text with Nepali digits for `ne`."""
    return text.translate(NEPALI_DIGITS) if language == NEPALI else text


def _shown(name: str, value: Any, language: str, written_at: datetime | None) -> str:
    if name.endswith("_paisa"):
        return rupees_text(int(value), language)
    if isinstance(value, Mapping):
        return str(value[language])
    if name.endswith("_minutes"):
        return duration_text(int(value), language)
    if name.endswith("_at"):
        return clock_text(datetime.fromisoformat(str(value)), language, written_at)
    if name == "day":
        return day_text(date.fromisoformat(str(value)), language)
    if isinstance(value, int | float):
        return digits_text(f"{value:g}" if isinstance(value, float) else str(value), language)
    return str(value)
