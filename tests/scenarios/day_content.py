"""The content steps of the full day: pages, questions, banners."""

from chalicelib.domain.content.content import PAGE_SLUGS
from tests.functions.sample_bodies import BANNER_BODY, PAGE_BODY, QUESTION_BODY
from tests.scenarios.day_client import DayClient


class ContentSteps(DayClient):
    """Steps that read and write content."""

    def read_content(self) -> None:
        """Read each page and the questions."""
        for slug in PAGE_SLUGS:
            assert self.request("GET", f"/api/content/{slug}").data["slug"] == slug
        assert self.request("GET", "/api/content/faq").data["results"]

    def write_content(self) -> None:
        """An operator writes a page anew, and adds, changes and deletes a question and a banner."""
        pages = "/api/admin/content/pages"
        assert len(self.request_as_operator("GET", pages).data["results"]) == len(PAGE_SLUGS)
        version = self.request_as_operator("GET", f"{pages}/about").data["version"]
        self.request_as_operator("PUT", f"{pages}/about", PAGE_BODY | {"version": version})
        assert self.request("GET", "/api/content/about").data["title"] in (PAGE_BODY["title"], PAGE_BODY["title_ne"])
        self.request_as_operator("DELETE", f"{pages}/about")
        for path, body in (
            ("/api/admin/content/faq", QUESTION_BODY),
            ("/api/admin/content/banners", BANNER_BODY | {"valid_from": None, "valid_until": None}),
        ):
            added = self.request_as_operator("POST", path, body).data
            assert added in self.request_as_operator("GET", path).data["results"]
            changed = body | {"display_order": 7, "version": added["version"]}
            self.request_as_operator("PUT", f"{path}/{added['id']}", changed)
            self.request_as_operator("DELETE", f"{path}/{added['id']}")
