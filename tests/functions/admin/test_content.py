"""Operators write pages and questions in both languages."""

import pytest

from app import app
from chalicelib.domain.content.content import MAX_ANSWER_BYTES, MAX_CONTENT_BYTES
from tests.functions.sample_bodies import BANNER_BODY, PAGE_BODY, QUESTION_BODY
from tests.world.content_editor import BANNERS, CREATED, FAQ, PAGE, Editor, entries, read
from tests.world.http_client import request
from tests.world.real_tables import all_rows


def test_a_page_is_written_and_read_at_once_in_both_languages(editor: Editor) -> None:
    old = editor("GET", PAGE).data
    written = editor("PUT", PAGE, PAGE_BODY).data
    assert written == PAGE_BODY | {"slug": "about", "version": 2, "updated_at": "2026-11-23T06:00:01Z"}
    assert read("/api/content/about")["content"] == "<p>Hello</p>"
    assert read("/api/content/about", "ne")["title"] == "हाम्रो बारेमा"
    (entry,) = entries()
    assert (entry.action, entry.target) == ("page_written", "about")
    assert entry.changes["before"]["content_ne"] == old["content_ne"]
    assert entry.changes["after"]["content_ne"] == "<p>नमस्ते</p>"
    assert written in editor("GET", "/api/admin/content/pages").data["results"]


def test_html_is_stored_cleaned(editor: Editor) -> None:
    evil = '<p onclick="x()">a<script>alert(1)</script> <a href="javascript:x">b</a></p>'
    clean = '<p>a <a rel="noopener noreferrer">b</a></p>'
    assert editor("PUT", PAGE, PAGE_BODY | {"content": evil}).data["content"] == clean
    assert read("/api/content/about")["content"] == clean
    added = editor.add(FAQ, QUESTION_BODY | {"answer_ne": evil})
    assert added["answer_ne"] == clean


@pytest.mark.parametrize("language", ["", "_ne"])
@pytest.mark.parametrize("html", ["<script>x</script>", "<p> </p>", "<p>&nbsp;</p>", "<br>", "<!-- a -->"])
def test_html_that_shows_nothing_is_refused(editor: Editor, language: str, html: str) -> None:
    before = all_rows()
    for method, path, body, field in (("PUT", PAGE, PAGE_BODY, "content"), ("POST", FAQ, QUESTION_BODY, "answer")):
        reply = editor(method, path, body | {f"{field}{language}": html})
        assert (reply.status, list(reply.body["errors"])) == (422, [f"{field}{language}"])
    assert all_rows() == before


def test_the_largest_page_and_its_log_entry_fit_into_rows(editor: Editor) -> None:
    largest = "é" * (MAX_CONTENT_BYTES // 2)
    other = "é" * (MAX_CONTENT_BYTES // 2 - 1) + "ab"
    sizes = PAGE_BODY | {"title": "क" * 120, "title_ne": "क" * 120}
    assert editor("PUT", PAGE, sizes | {"content": largest, "content_ne": largest}).status == 200
    assert editor("PUT", PAGE, sizes | {"content": other, "content_ne": other, "version": 2}).status == 200
    for field, text in (("content", largest + "a"), ("content_ne", "&" * (MAX_CONTENT_BYTES // 5 + 1))):
        reply = editor("PUT", PAGE, sizes | {field: text, "version": 3})
        assert (reply.status, list(reply.body["errors"])) == (422, [field])
    reply = editor("POST", FAQ, QUESTION_BODY | {"answer_ne": "a" * (MAX_ANSWER_BYTES + 1)})
    assert (reply.status, list(reply.body["errors"])) == (422, ["answer_ne"])


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_a_page_of_another_name_is_not_found(editor: Editor, method: str) -> None:
    before = all_rows()
    for name in ("nobodys", "faq", "%00", "ABOUT", "%E0%A4%95"):
        path = f"/api/admin/content/pages/{name}"
        assert editor(method, path, PAGE_BODY if method == "PUT" else None).status == 404
    assert all_rows() == before


def test_a_deleted_page_is_not_found_until_it_is_written_again(editor: Editor) -> None:
    assert editor("DELETE", PAGE).data == {"id": "about"}
    assert request(app, "GET", "/api/content/about").code == "not_found"
    assert editor("DELETE", PAGE).code == "not_found"
    assert editor("PUT", PAGE, PAGE_BODY).code == "changed_meanwhile"
    assert editor("PUT", PAGE, PAGE_BODY | {"version": 0}).data["version"] == 1
    assert read("/api/content/about")["title"] == "About us"
    assert [entry.action for entry in entries()] == ["page_deleted", "page_written"]


def test_a_second_editor_learns_of_the_change_of_the_first(editor: Editor) -> None:
    added = {path: editor.add(path, body)["id"] for path, body in CREATED}
    changes = [(PAGE, PAGE_BODY, "title"), (f"{FAQ}/{added[FAQ]}", QUESTION_BODY, "question")]
    for path, body, field in [*changes, (f"{BANNERS}/{added[BANNERS]}", BANNER_BODY, "title")]:
        assert editor("PUT", path, body | {field: "Mine", "version": 1}).data["version"] == 2
        before = all_rows()
        reply = editor("PUT", path, body | {field: "Theirs", "version": 1})
        assert (reply.status, reply.code) == (409, "changed_meanwhile")
        assert all_rows() == before


def test_the_same_change_twice_is_one_change(editor: Editor) -> None:
    added = {path: editor.add(path, body)["id"] for path, body in CREATED}
    for path, body in (
        (PAGE, PAGE_BODY),
        (f"{FAQ}/{added[FAQ]}", QUESTION_BODY | {"display_order": 9, "version": 1}),
        (f"{BANNERS}/{added[BANNERS]}", BANNER_BODY | {"is_active": False, "version": 1}),
    ):
        first = editor("PUT", path, body).data
        before = all_rows()
        assert editor("PUT", path, body).data == first
        assert all_rows() == before


def test_a_question_is_added_changed_and_deleted(editor: Editor) -> None:
    added = editor.add(FAQ, QUESTION_BODY)
    assert "How?" in [item["question"] for item in read("/api/content/faq")["results"]]
    changed = editor("PUT", f"{FAQ}/{added['id']}", QUESTION_BODY | {"answer": "<p>Now.</p>", "version": 1}).data
    assert changed in editor("GET", FAQ).data["results"]
    assert "<h2>How?</h2><p>Now.</p>" in read("/api/content/faq")["content"]
    assert editor("DELETE", f"{FAQ}/{added['id']}").status == 200
    assert editor("DELETE", f"{FAQ}/{added['id']}").code == "not_found"
    assert "How?" not in read("/api/content/faq")["content"]
    log = sorted(entries(), key=lambda entry: str(entry.entry))
    assert [entry.action for entry in log] == ["question_added", "question_changed", "question_deleted"]
    assert (log[0].changes["before"], log[2].changes["after"]) == (None, None)
    assert log[1].changes["before"]["answer"] == "<p>So.</p>"
