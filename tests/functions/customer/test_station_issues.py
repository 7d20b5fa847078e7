"""Issues at stations: taken in once, limited a day, and listed without their reporters."""

from dataclasses import replace
from typing import Any

import pytest

from app import app
from chalicelib.domain.stations.issue import IssueStatus
from chalicelib.services.users import deletion
from chalicelib.services.users.profile import profile_keys
from chalicelib.tables import issues
from chalicelib.tables.atomic import atomic
from chalicelib.tables.dynamodb import fetch_one
from tests.engines.interleaving import interleave
from tests.functions.customer.test_uploads import send
from tests.world.builders import CIVIL, LABIM
from tests.world.http_client import Reply, request
from tests.world.network import Network
from tests.world.pictures import film, phone_photo
from tests.world.real_tables import all_rows
from tests.world.tokens import token_of

OWN = "/api/stations/my-reports"
DIRTY = {"issue_type": "dirty", "description": "somebody spilled tea"}


class Reporter:
    """A customer who reports problems."""

    def __init__(self, network: Network) -> None:
        self.network, self.user_id = network, network.customer()
        self.token = token_of(network, self.user_id)

    def report(self, sn: str = LABIM.sn, **fields: Any) -> Reply:
        return request(app, "POST", f"/api/stations/{sn}/report-issue", DIRTY | fields, token=self.token)

    def listed(self, path: str = OWN) -> Any:
        return request(app, "GET", path, token=self.token).data["results"]

    def resolve(self, issue_id: str) -> None:
        issue = fetch_one(issues.station_issue_key(self.user_id, issue_id))
        assert issue is not None
        solved = replace(issue, status=IssueStatus.RESOLVED, resolved_at=self.network.world.now())
        atomic(self.network.world, lambda ops: issues.save_station_issue(ops, solved))

    def refresh(self) -> None:
        """A new token: the clock has passed the end of the last one."""
        self.token = token_of(self.network, self.user_id)


@pytest.fixture
def reporter(network: Network) -> Reporter:
    return Reporter(network)


def test_a_report_is_listed_for_its_reporter_and_at_its_station(reporter: Reporter) -> None:
    reply = reporter.report()
    assert (reply.status, reply.data["status"], reply.data["issue_type"]) == (201, "reported", "dirty")
    assert reporter.listed() == [reply.data]
    other = Reporter(reporter.network)
    (public,) = other.listed(f"/api/stations/{LABIM.sn}/issues")
    assert public == {name: reply.data[name] for name in public}
    assert set(reply.data) - set(public) == {"images", "station_name"}
    assert reporter.user_id not in str(public)
    assert other.listed() == []
    assert other.listed(f"/api/stations/{CIVIL.sn}/issues") == []


def test_the_same_report_again_returns_the_first_and_writes_nothing(reporter: Reporter) -> None:
    first = reporter.report()
    before = all_rows()
    assert reporter.report().text == first.text
    assert all_rows() == before


def test_the_same_problem_in_other_words_is_refused_until_it_is_resolved(reporter: Reporter) -> None:
    first = reporter.report().data
    other = reporter.report(description="still dirty")
    assert (other.status, other.code, other.body["error"]["details"]) == (
        409,
        "issue_already_reported",
        {"issue_id": first["id"]},
    )
    assert reporter.report(CIVIL.sn).status == 201
    assert reporter.report(issue_type="slot_error").status == 201
    reporter.resolve(first["id"])
    assert reporter.report(description="dirty again").status == 201


def test_a_problem_that_lasts_is_reported_again_the_next_day(reporter: Reporter) -> None:
    first = reporter.report().data
    reporter.network.fake_world.clock.advance(hours=25)
    reporter.refresh()
    assert reporter.report().data["id"] > first["id"]
    assert len(reporter.listed()) == 2


def test_a_customer_sends_few_reports_a_day_in_kathmandu(reporter: Reporter) -> None:
    limits = {"issues_per_user_day": 2}
    reporter.network.fake_world.settings = reporter.network.fake_world.settings.changed(limits)
    assert [reporter.report(issue_type=kind).status for kind in ("dirty", "other", "damaged")] == [201, 201, 429]
    refused = reporter.report(issue_type="damaged")
    assert refused.code == "issue_limit_reached"
    seconds_to_midnight = int(refused.headers["Retry-After"])
    reporter.network.fake_world.clock.advance(seconds=seconds_to_midnight)
    reporter.refresh()
    assert reporter.report(issue_type="damaged").status == 201


def test_images_are_own_public_photos(reporter: Reporter) -> None:
    other = Reporter(reporter.network)
    mine = send(reporter.token, phone_photo()).data
    theirs = send(other.token, phone_photo()).data["id"]
    private = send(reporter.token, phone_photo(), purpose="kyc").data["id"]
    video = send(reporter.token, film(9_000)).data["id"]
    before = all_rows()
    for image in (theirs, private, video, "nobodys"):
        reply = reporter.report(images=[mine["id"], image])
        assert (reply.status, reply.code) == (422, "upload_unusable")
    assert reporter.report(images=[mine["id"] + str(n) for n in range(6)]).status == 422
    assert all_rows() == before
    assert reporter.report(images=[mine["id"], mine["id"]]).data["images"] == [mine["file_url"]]


def test_a_form_sends_one_image_or_repeats_the_field(reporter: Reporter) -> None:
    ids = [send(reporter.token, phone_photo()).data["id"] for _ in range(2)]
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    for kind, sent in (("dirty", ids[:1]), ("other", ids)):
        raw = "&".join([f"issue_type={kind}", "description=see", *(f"images={image}" for image in sent)])
        path = f"/api/stations/{LABIM.sn}/report-issue"
        reply = request(app, "POST", path, token=reporter.token, raw=raw.encode(), headers=headers)
        assert len(reply.data["images"]) == len(sent)


@pytest.mark.parametrize("path", [OWN, f"/api/stations/{LABIM.sn}/issues"])
def test_both_lists_are_read_page_by_page_newest_first(reporter: Reporter, path: str) -> None:
    sent = [reporter.report(issue_type=kind).data["id"] for kind in ("dirty", "other", "damaged")]
    found: list[str] = []
    cursor = ""
    while True:
        page = request(app, "GET", f"{path}?limit=2{cursor}", token=reporter.token).data
        found += [issue["id"] for issue in page["results"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert found == sent[::-1]


def test_two_reports_of_one_problem_at_once_become_one(reporter: Reporter) -> None:
    with interleave(reporter.report) as earlier:
        second = reporter.report()
    assert second.status == 201
    assert second.text == earlier[0].text
    assert len(reporter.listed()) == 1


def test_no_report_outlives_its_reporters_account(reporter: Reporter) -> None:
    """An issue that was read before the deletion and is written after it conflicts with it."""
    world = reporter.network.world

    def delete() -> None:
        caller = reporter.network.sessions[reporter.user_id].caller(world, *profile_keys(reporter.user_id))
        deletion.delete(world, caller, forfeit_balance=True)

    with interleave(delete):
        assert reporter.report().status == 401
    assert issues.newest_of_user(reporter.user_id, before=None, limit=1) == []
    assert issues.newest_at_station(LABIM.sn, before=None, limit=1) == ([], None)
