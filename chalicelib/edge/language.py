"""Which language a request is answered in."""

from typing import Any

from chalicelib.edge.context import current

LANGUAGES = ("en", "ne")
DEFAULT_LANGUAGE = "en"


def language_for(preferred: str | None) -> str:
    """What to speak to the caller: Nepali when this request or their profile asks for it, else English."""
    return "ne" if "ne" in (current.get().language, preferred) else "en"


def language_of(request: Any) -> str:
    """`ne` when Nepali is preferred over English, else `en`."""
    return language_asked(request) or DEFAULT_LANGUAGE


def language_asked(request: Any) -> str | None:
    """Which of our languages the request prefers; None when it names neither, and the profile's may count."""
    best, best_weight = None, 0.0
    for part in str(request.headers.get("accept-language", "") or "").split(",")[:10]:
        tag, _, weight = part.lower().replace(" ", "").partition(";q=")
        language = tag.split("-")[0]
        try:
            heavy = float(weight) if weight else 1.0
        except ValueError:
            continue
        if language in LANGUAGES and best_weight < heavy <= 1:
            best, best_weight = language, heavy
    return best
