"""Operators write banners; lists of content are limited, hold nothing twice and take few calls."""

from typing import Any

import pytest

from app import app
from chalicelib.domain.content.banner import MAX_BANNERS
from chalicelib.domain.content.content import MAX_FAQ_ENTRIES
from chalicelib.domain.operators.role import Role
from chalicelib.services.content import faq_admin
from chalicelib.tables import content
from chalicelib.tables.uploads import UploadRow
from tests.engines.counting import counted
from tests.engines.interleaving import interleave
from tests.functions.admin.test_stations import upload_image
from tests.functions.sample_bodies import BANNER_BODY, PAGE_BODY, QUESTION_BODY
from tests.world.content_editor import BANNERS, CREATED, FAQ, PAGE, Editor, entries, read
from tests.world.http_client import request
from tests.world.network import Network
from tests.world.real_tables import all_rows
from tests.world.tokens import token_for


def test_a_banner_is_added_changed_and_deleted(editor: Editor, network: Network) -> None:
    added = editor.add(BANNERS, BANNER_BODY)
    assert (added["valid_from"], added["valid_until"]) == ("2026-11-22T18:15:00Z", "2026-11-30T18:14:59Z")
    (shown,) = [item for item in read("/api/app/banners", "ne")["results"] if item["id"] == added["id"]]
    assert (shown["title"], shown["redirect_url"]) == ("दसैँ", "bijuli://packages/1-day")
    hidden = editor("PUT", f"{BANNERS}/{added['id']}", BANNER_BODY | {"is_active": False, "version": 1}).data
    assert hidden in editor("GET", BANNERS).data["results"]
    assert added["id"] not in [item["id"] for item in read("/api/app/banners")["results"]]
    assert editor("DELETE", f"{BANNERS}/{added['id']}").status == 200
    assert editor("DELETE", f"{BANNERS}/{added['id']}").code == "not_found"
    assert [entry.action for entry in entries()] == ["banner_added", "banner_changed", "banner_deleted"]


def test_the_image_of_a_banner_is_an_upload_of_the_operator(editor: Editor, network: Network) -> None:
    uploaded = upload_image(editor.token)
    body = {name: value for name, value in BANNER_BODY.items() if name != "image_url"}
    assert list(editor("POST", BANNERS, body).body["errors"]) == ["image_url"]
    strangers = upload_image(token_for(network.world, network.sessions[network.customer()]))
    assert editor("POST", BANNERS, body | {"image_upload_id": strangers}).code == "upload_unusable"
    assert entries() == []
    added = editor.add(BANNERS, body | {"image_upload_id": uploaded})
    (upload,) = [row for row in UploadRow.scan() if row.upload_id == uploaded]
    assert upload.public_id in added["image_url"]


@pytest.mark.parametrize(
    ("field", "link"),
    [
        *(
            ("image_url", link)
            for link in ("http://a.example/x.png", "bijuli://x", "//a.example/x", "x.png", "data:image/png,x")
        ),
        *(
            ("redirect_url", link)
            for link in (
                "javascript:alert(1)",
                "http://a.example",
                "https://user:secret@a.example",
                "https://",
                "https://a b.example",
                "https://[::1",
                "https://a.example:99999",
                "mailto:a@b.example",
                "https://कख.example",
            )
        ),
    ],
)
def test_an_unsafe_link_is_refused(editor: Editor, field: str, link: str) -> None:
    before = all_rows()
    reply = editor("POST", BANNERS, BANNER_BODY | {field: link})
    assert (reply.status, list(reply.body["errors"])) == (422, [field])
    assert all_rows() == before


def test_a_banner_that_ends_before_it_begins_is_refused(editor: Editor) -> None:
    body = BANNER_BODY | {"valid_from": "2026-12-01"}
    assert editor("POST", BANNERS, body).code == "dates_wrong"


@pytest.mark.parametrize(("path", "body"), CREATED)
def test_the_same_content_is_added_once(editor: Editor, path: str, body: dict[str, Any]) -> None:
    editor.add(path, body)
    before = all_rows()
    field = "question" if path == FAQ else "title"
    for text in (body[field], body[field].upper()):
        reply = editor("POST", path, body | {field: text})
        assert (reply.status, reply.code) == (409, "name_taken")
    assert all_rows() == before


def test_two_requests_at_once_add_one_question(network: Network, editor: Editor) -> None:
    with interleave(lambda: editor("POST", FAQ, QUESTION_BODY)) as first:
        second = editor("POST", FAQ, QUESTION_BODY)
    assert [reply.status for reply in (*first, second)] == [201, 409]
    assert [entry.question for entry in content.faq_entries()].count("How?") == 1


def test_a_question_whose_text_was_changed_can_be_added_again(editor: Editor) -> None:
    first = editor.add(FAQ, QUESTION_BODY)
    editor("PUT", f"{FAQ}/{first['id']}", QUESTION_BODY | {"question": "Why?", "version": 1})
    assert editor.add(FAQ, QUESTION_BODY)["id"] != first["id"]


@pytest.mark.parametrize(("path", "body", "limit"), [(*CREATED[0], MAX_FAQ_ENTRIES), (*CREATED[1], MAX_BANNERS)])
def test_the_number_of_entries_is_limited(editor: Editor, path: str, body: dict[str, Any], limit: int) -> None:
    field = "question" if path == FAQ else "title"
    for number in range(limit - len(editor("GET", path).data["results"])):
        editor.add(path, body | {field: f"{number}"})
    reply = editor("POST", path, body)
    assert (reply.status, reply.code) == (409, "content_full")
    assert reply.body["error"]["details"] == {"limit": limit}


@pytest.mark.parametrize(("path", "body"), [(PAGE, PAGE_BODY), *CREATED])
def test_a_text_without_its_nepali_twin_is_refused(editor: Editor, path: str, body: dict[str, Any]) -> None:
    for field in [name for name in body if name.endswith("_ne")]:
        for missing in ({name: text for name, text in body.items() if name != field}, body | {field: " "}):
            reply = editor("PUT" if path == PAGE else "POST", path, missing)
            assert (reply.status, list(reply.body["errors"])) == (422, [field])


def test_writes_of_content_take_few_calls(editor: Editor) -> None:
    added = {path: editor.add(path, body)["id"] for path, body in CREATED}
    question, banner = f"{FAQ}/{added[FAQ]}", f"{BANNERS}/{added[BANNERS]}"
    for method, path, body, calls in (
        ("GET", "/api/admin/content/pages", None, ["BatchGetItem"]),
        ("GET", PAGE, None, ["BatchGetItem"]),
        ("PUT", PAGE, PAGE_BODY, ["BatchGetItem", "TransactWriteItems"]),
        ("DELETE", PAGE, None, ["BatchGetItem", "TransactWriteItems"]),
        ("GET", FAQ, None, ["Query"]),
        ("POST", FAQ, QUESTION_BODY | {"question": "What?"}, ["Query", "TransactWriteItems"]),
        ("PUT", question, QUESTION_BODY | {"display_order": 7, "version": 1}, ["BatchGetItem", "TransactWriteItems"]),
        ("DELETE", question, None, ["BatchGetItem", "TransactWriteItems"]),
        ("GET", BANNERS, None, ["Query"]),
        ("POST", BANNERS, BANNER_BODY | {"title": "Tihar"}, ["Query", "TransactWriteItems"]),
        ("PUT", banner, BANNER_BODY | {"display_order": 7, "version": 1}, ["BatchGetItem", "TransactWriteItems"]),
        ("DELETE", banner, None, ["BatchGetItem", "TransactWriteItems"]),
    ):
        with counted() as counts:
            assert editor(method, path, body).status < 300, path
        assert counts.calls == ["BatchGetItem", *calls], (method, path)


def test_a_finance_operator_writes_no_content(network: Network) -> None:
    for role in (Role.FINANCE, Role.SUPPORT):
        token = token_for(network.world, network.operator(f"{role}@example.com", role))
        assert request(app, "PUT", PAGE, PAGE_BODY, token=token).code == "forbidden"
    assert len(faq_admin.listing()) == 9
