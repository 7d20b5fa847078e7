"""The files of the sandbox's page: pinned libraries, their size, both languages, and what a browser may load."""

import gzip
import hashlib
import json
import re
from pathlib import Path

import pytest
from flask import Flask

from infra.local.page.api_page import api_page_blueprint
from infra.local.page.front_page import STATIC, front_page_blueprint
from infra.local.page.html_pages import HEAD

MAX_BYTES = 60_000
MAX_LINES = 250
LOADS = re.compile(r"(?:from \"\./|(?:src|href)=\"/static/)([^\"]+)\"")
VENDOR_SHA256 = {
    "LICENSE.htm": "740725f7252e750af735d0028cc534970772f513331e9f68150fede8fb3ce00f",
    "LICENSE.preact": "1fe6958409c8c257a70c587a18b6f7f412b179b456630790d30b2ec9a8e4b7d4",
    "LICENSE.swagger-ui": "cfc7749b96f63bd31c3c42b5c471bf756814053e847c10f3eb003417bc523d30",
    "LICENSE.swagger-ui-bundle": "37eb6e7e59aed57b2c1acf076574b818ea07b74265717e0bd67b59e0baf9abbb",
    "LICENSE.uplot": "8f989229699b4fe2f1a0432d0e9edc338a8a911e250e2d1b01ecd770a5f5b1bd",
    "NOTICE.swagger-ui": "0d20d1adef18aee3f40dd258172155521ce702ac445cb5f7b7d60ed32dad2fb2",
    "htm-preact.js": "72284e8e9079c87817145df1110f74e8a2aa040b2fc384922e18dfcb46fc1fd7",
    "swagger-ui-bundle.js": "e6a898692f2d768e807c3ba4626068a69a2c5dd960dd6c76f3e4d3a3de180af2",
    "swagger-ui.css": "5ed08757e53da3e026d6cbecc61fe5d43585c9560b302d534ad56692519a273d",
    "uplot.js": "19c8d4c6ad88929a79f4ae49d6f7161566dfd0ba3d15cc495e974f787eb78f1f",
}
STATES = {"completed", "cancelled", "failed", "lost", "success", "disputed"}
"""States of rentals and top-ups, as the service names them, that no file of the page names."""
OWN = sorted(file for file in STATIC.iterdir() if file.is_file())


def test_the_libraries_are_those_that_were_read() -> None:
    found = {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in (STATIC / "vendor").iterdir()}
    assert found == VENDOR_SHA256


def loaded_by(page: Path) -> set[Path]:
    """The page, and every file that it, its scripts and their imports name."""
    found, waiting = set[Path](), [page]
    while waiting:
        file = waiting.pop()
        if file not in found:
            found.add(file)
            is_ours = file.parent == STATIC
            waiting += [STATIC / name for name in LOADS.findall(file.read_text() if is_ours else "")]
    return found


@pytest.mark.parametrize("name", ["front_page.html", "rental.html"])
def test_a_page_is_small_when_compressed(name: str) -> None:
    sizes = {file.name: len(gzip.compress(file.read_bytes(), mtime=0)) for file in loaded_by(STATIC / name)}
    assert {"front_page.css", "feed.js", "htm-preact.js"} <= sizes.keys()
    assert sum(sizes.values()) < MAX_BYTES, sizes


def test_every_file_is_loaded_by_a_page() -> None:
    loaded = set[Path]().union(*(loaded_by(page) for page in STATIC.glob("*.html")))
    named_by_python = {STATIC / name for name in LOADS.findall(HEAD)}
    assert {*OWN} == {file for file in loaded | named_by_python if file.parent == STATIC}


def test_each_file_of_the_page_is_short_and_says_its_job() -> None:
    for file in OWN:
        text = file.read_text()
        assert text.count("\n") < MAX_LINES, file.name
        assert text.startswith(("// ", "/* ", "<!doctype html>")), file.name


def test_the_phone_has_every_text_in_both_languages() -> None:
    texts = re.findall(r"^  (\w+): \[(\".*\")\],$", (STATIC / "phone_texts.js").read_text(), re.M)
    keys = [key for key, _ in texts]
    assert len({*keys}) == len(keys) > 60
    for key, pair in texts:
        english, nepali = json.loads(f"[{pair}]")
        assert english.isascii(), key
        assert re.search(r"[ऀ-ॿ]", nepali), key
    used = {key for file in STATIC.glob("*.js") for key in re.findall(r"word\(\"(\w+)\"\)", file.read_text())}
    assert used <= set(keys)
    named = (STATIC / "phone_rental.js").read_text() + (STATIC / "phone.js").read_text()
    assert {key for key in set(keys) - used - STATES if f'"{key}"' not in named} == set()


@pytest.mark.parametrize("name", ["front_page.html", "rental.html", "api_page.html"])
def test_no_script_and_no_style_stands_in_a_page(name: str) -> None:
    text = (STATIC / name).read_text()
    assert not re.search(r"<style|style=|<script[^>]*>[^<]| on\w+=", text)
    assert set(re.findall(r"(?:src|href)=\"([^\"]*)\"", text)) <= {
        "data:,",
        *(f"/static/{file.relative_to(STATIC)}" for file in STATIC.rglob("*")),
    }


@pytest.mark.parametrize("path", ["/", "/r/R-148Q4517", "/static/main.js", "/static/vendor/uplot.js", "/docs"])
def test_a_browser_may_load_from_the_pages_origin_only(path: str) -> None:
    app = Flask("page", static_folder=None)
    app.register_blueprint(front_page_blueprint(lambda _: True))
    app.register_blueprint(api_page_blueprint())
    with app.test_client().get(path, headers={"Accept": "text/html,*/*"}) as answer:
        assert answer.status_code == 200
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'self';")
        assert "unsafe" not in answer.headers["Content-Security-Policy"]


def test_the_page_of_an_unknown_rental_says_so_to_programs_too() -> None:
    app = Flask("page", static_folder=None)
    app.register_blueprint(front_page_blueprint(lambda code: code == "R-148Q4517"))
    client = app.test_client()
    with client.get("/r/R-148Q4517") as known, client.get("/r/R-00000000") as unknown:
        assert (known.status_code, unknown.status_code) == (200, 404)
        assert unknown.data == known.data == (STATIC / "rental.html").read_bytes()
        assert unknown.content_type == known.content_type
        etag = known.headers["ETag"]
    # A browser that has the page of another rental gets all of this one.
    with client.get("/r/R-00000000", headers={"If-None-Match": etag}) as again:
        assert (again.status_code, len(again.data)) == (404, len((STATIC / "rental.html").read_bytes()))


def test_who_does_not_ask_for_a_page_gets_the_document_of_the_control_api() -> None:
    app = Flask("page", static_folder=None)
    app.register_blueprint(front_page_blueprint(lambda _: True))
    answer = app.test_client().get("/", headers={"Accept": "*/*"})
    assert (answer.status_code, answer.get_json()["openapi"]) == (200, "3.1.0")


def test_the_calls_of_the_api_page_go_to_its_own_origin() -> None:
    app = Flask("page", static_folder=None)
    app.register_blueprint(api_page_blueprint())
    document = app.test_client().get("/docs/openapi.json").get_json()
    assert [server["url"] for server in document["servers"]] == ["/"]
    assert "/api/rentals/start" in document["paths"]
    assert [*document["components"]["securitySchemes"]] == ["token"]
