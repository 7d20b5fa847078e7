"""Bilingual texts: a text in English and Nepali, and how values are written into it for a reader."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from chalicelib.domain.money import grouped_money_text

ENGLISH, NEPALI = "en", "ne"
LANGUAGES = (ENGLISH, NEPALI)
NEPALI_DIGITS = str.maketrans("0123456789", "०१२३४५६७८९")


class Text(NamedTuple):
    """The same text in both languages. Names in braces are values."""

    en: str
    ne: str

    def render(self, language: str, values: Mapping[str, Any] | None = None) -> str:
        """In Nepali for `ne`, else in English.

        A number is written in the reader's digits, a sum of money (`min_paisa` fills `{min}`) in grouped
        rupees, and text as it is. An English count of one takes its singular: `{points} points` gives `1 point`.
        """
        template = self.ne if language == NEPALI else self.en
        shown = {name.removesuffix("_paisa"): _shown(name, value, language) for name, value in (values or {}).items()}
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


def _shown(name: str, value: Any, language: str) -> str:
    if name.endswith("_paisa"):
        return rupees_text(int(value), language)
    if isinstance(value, int | float):
        return digits_text(f"{value:g}" if isinstance(value, float) else str(value), language)
    return str(value)
