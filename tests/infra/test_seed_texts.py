"""Content of a fresh sandbox: each text has its Nepali twin, and its HTML is clean."""

import re
from dataclasses import asdict
from html import unescape
from typing import Any

import pytest

from chalicelib.domain.content.content import MAX_ANSWER_BYTES, MAX_CONTENT_BYTES, PAGE_SLUGS
from chalicelib.gateways.nh3 import Nh3Html
from infra.local.seeds.seed_content import BANNERS, PACKAGES, RELEASES
from infra.local.seeds.seed_faq import FAQ_ENTRIES
from infra.local.seeds.seed_pages import PAGES

CONTENT: tuple[Any, ...] = (*PACKAGES, *RELEASES, *BANNERS, *PAGES, *FAQ_ENTRIES)
DEVANAGARI = re.compile(r"[\u0900-\u097f]")
LATIN_DIGIT = re.compile(r"[0-9]")
KEPT_LATIN = re.compile(r"01-4000000|<h2>1\.[34]</h2>|</?h[234]>|<a [^>]*>")
"""A phone number, version numbers and markup keep their digits."""


def twins(item: Any) -> list[tuple[str, str, str]]:
    """The name, the English and the Nepali of each text that has a Nepali field."""
    fields = asdict(item)
    names = [name.removesuffix("_ne") for name in fields if name.endswith("_ne")]
    return [(name, fields[name] or "", fields[f"{name}_ne"] or "") for name in names]


@pytest.mark.parametrize(
    "item", CONTENT, ids=lambda item: f"{type(item).__name__} {next(iter(asdict(item).values()))}"
)
def test_each_text_has_its_nepali_twin(item: Any) -> None:
    assert twins(item)
    for name, english, nepali in twins(item):
        assert english, name
        assert not DEVANAGARI.search(english), name
        assert DEVANAGARI.search(nepali), name
        assert not LATIN_DIGIT.search(KEPT_LATIN.sub("", nepali)), name


@pytest.mark.parametrize("item", [*PAGES, *FAQ_ENTRIES], ids=lambda item: next(iter(asdict(item).values())))
def test_html_is_clean_and_both_languages_have_the_same_structure(item: Any) -> None:
    for name, english, nepali in twins(item):
        if name in ("content", "answer"):
            for html in (english, nepali):
                assert unescape(Nh3Html().clean(html)).replace(' rel="noopener noreferrer"', "") == html
                assert len(html.encode()) <= (MAX_CONTENT_BYTES if name == "content" else MAX_ANSWER_BYTES)
            assert re.findall(r"<[^>]+>", english) == re.findall(r"<[^>]+>", nepali)


def test_the_seeds_have_every_page_and_no_question_twice() -> None:
    assert [page.slug for page in PAGES] == list(PAGE_SLUGS)
    assert len({entry.entry_id for entry in FAQ_ENTRIES}) == len(FAQ_ENTRIES)
