"""HTML cleaned by nh3, the ammonia library."""

import re

TAGS = frozenset({"p", "br", "h2", "h3", "h4", "ul", "ol", "li", "strong", "em", "b", "i", "a", "blockquote"})
LINK_SCHEMES = frozenset({"https", "mailto", "tel"})
CONTROL_CHARACTERS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


class Nh3Html:
    """Implements `world.Html`."""

    def clean(self, html: str) -> str:
        import nh3

        cleaned = nh3.clean(
            html,
            tags=set(TAGS),
            attributes={"a": {"href"}},
            url_schemes=set(LINK_SCHEMES),
            url_relative="deny",
            link_rel="noopener noreferrer",
        )
        return CONTROL_CHARACTERS.sub("", cleaned).strip()
