"""Which language a request is answered in."""

from typing import Any

from chalicelib.edge.context import request_context

LANGUAGES = ("en", "ne")
DEFAULT_LANGUAGE = "en"


def language_for(preferred: str | None) -> str:
    """What to speak to the caller: Nepali when this request or their profile asks for it, else English."""
    return "ne" if "ne" in (request_context.get().language, preferred) else "en"


def language_of(request: Any) -> str:
    """`ne` when Nepali is preferred over English, else `en`."""
    return requested_language(request) or DEFAULT_LANGUAGE


def requested_language(request: Any) -> str | None:
    """Which of our languages the request prefers; None when it names neither, and the profile's may count."""
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
