"""The language of the pages that Python makes: English or Nepali, and the switch between them (decision 0084)."""

from html import escape

from flask import Response, request

from chalicelib.domain.text.texts import LANGUAGES
from chalicelib.edge.language import language_of

COOKIE = "language"
"""The front page's phone stores its language in it too."""
NAMES = {"en": "English", "ne": "नेपाली"}


def page_language() -> str:
    """The language that `?lang=` asks for, else the one chosen before, else the browser's, else English."""
    chosen = (request.args.get("lang"), request.cookies.get(COOKIE))
    return next((language for language in chosen if language in LANGUAGES), language_of(request))


def keep_language(response: Response) -> None:
    """A language that `?lang=` chose stays chosen, also behind forms and redirects."""
    if request.args.get("lang") in LANGUAGES:
        response.set_cookie(COOKIE, page_language(), samesite="Lax")


def language_switch(address: str) -> str:
    """Links to the page at `address`, which is text, in each language."""
    joint = "&" if "?" in address else "?"
    now = page_language()
    links = "".join(
        f'<a class="press" href="{escape(f"{address}{joint}lang={language}")}" hreflang="{language}"'
        f' lang="{language}" aria-current="{str(language == now).lower()}">{name}</a>'
        for language, name in NAMES.items()
    )
    return f'<nav class="row" aria-label="English / नेपाली">{links}</nav>'
