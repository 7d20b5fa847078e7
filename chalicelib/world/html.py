"""The cleaner of HTML."""

from typing import Protocol


class Html(Protocol):
    """Cleans HTML that operators write. Makes no call."""

    def clean(self, html: str) -> str:
        """The HTML with text, headings, lists, emphasis and safe links, and nothing else. Cleaning it again changes
        nothing."""
        ...
