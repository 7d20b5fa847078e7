"""Chooses the language of a response."""

from typing import Any

from chalicelib.domain.texts import ENGLISH, LANGUAGES

DEFAULT_LANGUAGE = ENGLISH


def language_for(requested: str, preferred: str | None) -> str:
    """Nepali when the request's language or the profile's is Nepali, else English."""
    return "ne" if "ne" in (requested, preferred) else "en"


def language_of(request: Any) -> str:
    """`ne` when the request prefers Nepali to English, else `en`."""
    return requested_language(request) or DEFAULT_LANGUAGE


def requested_language(request: Any) -> str | None:
    """The supported language that `Accept-Language` prefers; None when it names neither of the two."""
    best, best_quality = None, 0.0
    for part in str(request.headers.get("accept-language", "") or "").split(",")[:10]:
        tag, _, weight = part.lower().replace(" ", "").partition(";q=")
        language = tag.split("-")[0]
        try:
            quality = float(weight) if weight else 1.0
        except ValueError:
            continue
        if language in LANGUAGES and best_quality < quality <= 1:
            best, best_quality = language, quality
    return best
