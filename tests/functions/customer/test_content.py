"""Pages, frequently asked questions and app updates: /api/content."""

from collections.abc import Callable
from functools import partial

import pytest

from app import app
from chalicelib.domain.content.content import (
    MAX_ANSWER_BYTES,
    MAX_FAQ_ENTRIES,
    MAX_QUESTION_LENGTH,
    PAGE_SLUGS,
    ContentPage,
    FaqEntry,
)
from chalicelib.services.content import pages
from chalicelib.tables import content
from chalicelib.tables.atomic import atomic
from tests.engines.counting import counted
from tests.world.http_client import request
from tests.world.network import Network

NEPALI = {"Accept-Language": "ne"}
ROUTES = [f"/api/content/{slug}" for slug in (*PAGE_SLUGS, "faq")]


@pytest.mark.parametrize("path", ROUTES)
def test_content_is_read_without_sign_in_in_both_languages(network: Network, path: str) -> None:
    english, nepali = request(app, "GET", path), request(app, "GET", path, headers=NEPALI)
    assert (english.status, nepali.status) == (200, 200)
    assert english.data["slug"] == path.removeprefix("/api/content/")
    for field in ("title", "content"):
        assert english.data[field].isascii()
        assert not nepali.data[field].isascii()
    assert english.data["updated_at"] == nepali.data["updated_at"]
    assert english.headers["ETag"] != nepali.headers["ETag"]
    assert "Accept-Language" in english.headers["Vary"]


@pytest.mark.parametrize("path", ROUTES)
def test_unchanged_content_is_answered_304(network: Network, path: str) -> None:
    first = request(app, "GET", path)
    assert first.headers["Cache-Control"] == "public, max-age=30"
    again = request(app, "GET", path, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status, again.text) == (304, "")


@pytest.mark.parametrize("path", ROUTES)
def test_content_takes_one_call_cold_and_none_warm(network: Network, path: str) -> None:
    with counted() as cold:
        request(app, "GET", path)
    with counted() as warm:
        request(app, "GET", path, headers=NEPALI)
    network.fake_world.clock.advance(seconds=30)
    with counted() as later:
        request(app, "GET", path)
    assert (cold.round_trips, warm.round_trips, later.round_trips) == (1, 0, 1)


def test_the_largest_number_of_questions_takes_one_call(network: Network) -> None:
    text = "क" * (MAX_ANSWER_BYTES // 3)
    question = "प" * MAX_QUESTION_LENGTH
    for number in range(MAX_FAQ_ENTRIES - len(content.faq_entries())):
        entry = FaqEntry(f"e{number}", question, question, text, text, number, network.world.now())
        atomic(network.world, partial(content.save_faq_entry, entry=entry))
    with counted() as cold:
        results = request(app, "GET", "/api/content/faq").data["results"]
    assert (len(results), cold.calls) == (MAX_FAQ_ENTRIES, ["Query"])


def test_questions_are_in_display_order_and_in_the_content(network: Network) -> None:
    now = network.world.now()
    for entry_id, order in (("last", 1_000), ("first", 0)):
        question, answer = f"{entry_id} <b>?", f"<p>{entry_id}</p>"
        entry = FaqEntry(entry_id, question, question, answer, answer, order, now)
        atomic(network.world, partial(content.save_faq_entry, entry=entry))
    faq = request(app, "GET", "/api/content/faq").data
    assert [faq["results"][0]["id"], faq["results"][-1]["id"]] == ["first", "last"]
    assert faq["results"][0] == {
        "id": "first",
        "question": "first <b>?",
        "answer": "<p>first</p>",
        "display_order": 0,
    }
    assert faq["content"].startswith("<h2>first &lt;b&gt;?</h2><p>first</p>")
    assert faq["content"].endswith("<h2>last &lt;b&gt;?</h2><p>last</p>")


def test_a_faq_without_questions_is_empty(network: Network) -> None:
    for entry in content.faq_entries():
        content.FaqRow("all", entry.entry_id).delete()
    faq = request(app, "GET", "/api/content/faq").data
    assert (faq["results"], faq["content"], faq["updated_at"]) == ([], "", None)


def test_app_updates_list_the_newest_release_of_each_platform(network: Network) -> None:
    english = request(app, "GET", "/api/content/app-updates").data
    assert [release["platform"] for release in english["releases"]] == ["android", "ios"]
    android = english["releases"][0]
    assert (android["latest_version"], android["minimum_version"]) == ("1.4.0", "1.2.0")
    assert android["download_url"].startswith("https://")
    assert android["release_notes"].isascii()
    nepali = request(app, "GET", "/api/content/app-updates", headers=NEPALI).data
    assert not nepali["releases"][0]["release_notes"].isascii()


@pytest.mark.parametrize("slug", PAGE_SLUGS)
def test_a_page_that_is_not_written_is_not_found_and_asked_for_once(
    network: Network, slug: str, without_pages: Callable[[], None]
) -> None:
    without_pages()
    with counted() as counts:
        replies = [request(app, "GET", f"/api/content/{slug}") for _ in range(2)]
    assert {reply.status for reply in replies} == {404}
    assert counts.round_trips <= 1


def test_a_changed_page_is_shown_within_a_minute(network: Network) -> None:
    before = request(app, "GET", "/api/content/about")
    page = pages.page(network.world, "about")
    texts = ("Us", "हामी", "<p>New</p>", "<p>नयाँ</p>")
    changed = ContentPage("about", *texts, network.world.now(), version=page.version)
    atomic(network.world, partial(content.save_page, page=changed))
    network.fake_world.clock.advance(seconds=30)
    after = request(app, "GET", "/api/content/about", headers={"If-None-Match": before.headers["ETag"]})
    assert (after.status, after.data["title"], after.data["content"]) == (200, "Us", "<p>New</p>")


@pytest.fixture
def without_pages(network: Network) -> Callable[[], None]:
    def delete() -> None:
        for row in content.PageRow.scan():
            row.delete()

    return delete
