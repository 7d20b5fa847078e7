"""Chooses the language of a response: by `Accept-Language`, then by the caller's profile."""

from collections.abc import Mapping
from typing import Any

from chalicelib.domain.text.texts import ENGLISH, LANGUAGES, NEPALI

DEFAULT_LANGUAGE = ENGLISH
LONG_CODES = {"eng": ENGLISH, "nep": NEPALI, "npi": NEPALI}
"""Codes of three letters (ISO 639-2 and 639-3), which some phones send."""


def language_of(request: Any, claims: Mapping[str, Any] | None = None) -> str:
    """The language that the request asks for, else the profile's language in the access token, else English."""
    return _requested_language(request) or _profile_language(claims or {}) or DEFAULT_LANGUAGE


def language_of_inbox(language: str, profile_language: str | None) -> str:
    """Nepali when the language of the response or of the profile is Nepali, else English."""
    return NEPALI if NEPALI in (language, profile_language) else ENGLISH


def _profile_language(claims: Mapping[str, Any]) -> str | None:
    language = claims.get("lang")
    return str(language) if language in LANGUAGES else None


def _requested_language(request: Any) -> str | None:
    """The supported language that `Accept-Language` prefers; None when it names neither of the two."""
    best, best_quality = None, 0.0
    for part in str(request.headers.get("accept-language", "") or "").split(",")[:10]:
        tag, *parameters = "".join(part.lower().split()).split(";")
        weight = next((text.removeprefix("q=") for text in parameters if text.startswith("q=")), "")
        code = tag.replace("_", "-").split("-")[0]
        language = LONG_CODES.get(code, code)
        try:
            quality = float(weight) if weight else 1.0
        except ValueError:
            continue
        if language in LANGUAGES and best_quality < quality <= 1:
            best, best_quality = language, quality
    return best
