"""Pages and frequently asked questions: both languages of a text are in one value. Their HTML is cleaned."""

import re
from dataclasses import dataclass
from datetime import datetime
from html import escape, unescape

from chalicelib.domain.text.blank_text import shows_something
from chalicelib.domain.text.texts import Text

APP_UPDATES = "app-updates"
FAQ = "faq"
PAGE_SLUGS = ("terms-of-service", "privacy-policy", "about", "contact", APP_UPDATES)
"""The names of the pages in their addresses."""
FAQ_TITLE = Text("Frequently asked questions", "धेरै सोधिने प्रश्न")
MAX_TITLE_LENGTH = 120
MAX_CONTENT_BYTES = 30_000
"""The most bytes of a page's HTML in one language. The audit log holds a page twice in both languages, in JSON with
escapes of up to three times their bytes, and has 400 KB for it."""
MAX_QUESTION_LENGTH = 200
MAX_ANSWER_BYTES = 9_000
MAX_FAQ_ENTRIES = 50
"""Fifty of the largest entries are less than 1 MB, which one query reads."""
TAG = re.compile(r"<[^>]*>")


@dataclass(frozen=True)
class ContentPage:
    """A page. `content` and `content_ne` are cleaned HTML."""

    slug: str
    title: str
    title_ne: str
    content: str
    content_ne: str
    updated_at: datetime
    version: int = 0

    def title_in(self, language: str) -> str:
        return self.title_ne if language == "ne" else self.title

    def content_in(self, language: str) -> str:
        return self.content_ne if language == "ne" else self.content


@dataclass(frozen=True)
class FaqEntry:
    """A question in plain text and its answer in cleaned HTML. Entries are shown in `display_order`."""

    entry_id: str
    question: str
    question_ne: str
    answer: str
    answer_ne: str
    display_order: int
    updated_at: datetime
    version: int = 0

    def question_in(self, language: str) -> str:
        return self.question_ne if language == "ne" else self.question

    def answer_in(self, language: str) -> str:
        return self.answer_ne if language == "ne" else self.answer

    def html_in(self, language: str) -> str:
        """Question and answer as HTML."""
        return f"<h2>{escape(self.question_in(language), quote=False)}</h2>{self.answer_in(language)}"


def html_shows_something(cleaned: str) -> bool:
    """Whether cleaned HTML has a letter, a digit or another visible character between its tags."""
    return shows_something(unescape(TAG.sub("", cleaned)))
