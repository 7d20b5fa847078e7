"""Addresses that operators write: of an image, and where a banner leads."""

import re
from urllib.parse import urlsplit

from chalicelib.domain.problems.validation_messages import InvalidField

MAX_LINK_LENGTH = 500
PRINTABLE = re.compile(r"[!-~]+", re.ASCII)
APP_SCHEME = "bijuli"
"""Links into the app have this scheme."""


def https_link(text: str) -> str:
    """A full https address without credentials. Raises InvalidField."""
    return _link(text, ("https",))


def https_or_app_link(text: str) -> str:
    """A full https address without credentials, or a link into the app. Raises InvalidField."""
    return _link(text, ("https", APP_SCHEME))


def _link(text: str, schemes: tuple[str, ...]) -> str:
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise InvalidField("link_format") from None
    has_credentials = "@" in parts.netloc
    if not PRINTABLE.fullmatch(text) or parts.scheme not in schemes or not host or has_credentials or port == 0:
        raise InvalidField("link_format")
    return text
