"""A file that something shows stays: the sweep deletes only the uploads that nothing refers to."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from app import app
from chalicelib.domain.operators.role import Role
from chalicelib.domain.users.upload import Upload
from chalicelib.services.media import upload_checks
from tests.functions.sample_bodies import BANNER_BODY, KYC_BODY, STATION_BODY
from tests.world.builders import LABIM, SignedIn
from tests.world.content_editor import BANNERS
from tests.world.http_client import Reply, request
from tests.world.network import Network
from tests.world.pictures import phone_photo
from tests.world.tokens import token_for
from tests.world.uploading import GENERAL, KYC, direct, row, run_media_deletions

STATIONS = "/api/admin/stations"
ISSUE: dict[str, Any] = {"issue_type": "damaged", "description": "The screen is broken"}


@dataclass
class Person:
    """Somebody with a token, and the files that they sent to the media store themselves."""

    network: Network
    session: SignedIn

    def upload(self, purpose: Any = GENERAL) -> Upload:
        return direct(self.network, self.session.caller(self.network.world), phone_photo(), purpose)

    def call(self, method: str, path: str, body: dict[str, Any]) -> Reply:
        reply = request(app, method, path, body, token=token_for(self.network.world, self.session))
        assert reply.status < 300, reply.text
        return reply


def new_station(person: Person) -> Upload:
    image = person.upload()
    person.call("POST", STATIONS, STATION_BODY | {"serial_number": "41000001", "images": [image.upload_id]})
    return image


def changed_station(person: Person) -> Upload:
    image = person.upload()
    person.call("PATCH", f"{STATIONS}/{LABIM.sn}", {"images": [image.upload_id]})
    return image


def new_banner(person: Person) -> Upload:
    image = person.upload()
    body = {name: value for name, value in BANNER_BODY.items() if name != "image_url"}
    person.call("POST", BANNERS, body | {"image_upload_id": image.upload_id})
    return image


def changed_banner(person: Person) -> Upload:
    added = person.call("POST", BANNERS, BANNER_BODY).data
    image = person.upload()
    body = {name: value for name, value in BANNER_BODY.items() if name != "image_url"}
    change = body | {"image_upload_id": image.upload_id, "version": added["version"]}
    person.call("PUT", f"{BANNERS}/{added['id']}", change)
    return image


def station_report(person: Person) -> Upload:
    image = person.upload()
    person.call("POST", f"/api/stations/{LABIM.sn}/report-issue", ISSUE | {"images": [image.upload_id]})
    return image


def rental_report(person: Person) -> Upload:
    rental = person.network.rented(person.session.user_id)
    image = person.upload()
    person.call("POST", f"/api/rentals/{rental.rental_id}/report-issue", ISSUE | {"images": [image.upload_id]})
    return image


def front_of_certificate(person: Person) -> Upload:
    image = person.upload(KYC)
    person.call("POST", "/api/auth/kyc", KYC_BODY | {"document_front": image.upload_id})
    return image


def back_of_certificate(person: Person) -> Upload:
    front, back = person.upload(KYC), person.upload(KYC)
    body = KYC_BODY | {"document_front": front.upload_id, "document_back": back.upload_id}
    person.call("POST", "/api/auth/kyc", body)
    return back


def profile_picture(person: Person) -> Upload:
    image = person.upload()
    address = person.network.world.media.link(image.public_id, "jpg", kind="image")
    person.call("PATCH", "/api/user/profile", {"avatar_url": address})
    return image


OF_OPERATORS = [new_station, changed_station, new_banner, changed_banner]
OF_CUSTOMERS = [station_report, rental_report]
OF_NEWCOMERS = [front_of_certificate, back_of_certificate, profile_picture]


def person_for(network: Network, use: Callable[[Person], Upload]) -> Person:
    if use in OF_OPERATORS:
        return Person(network, network.operator("editor@example.com", Role.ADMIN))
    user_id = network.customer() if use in OF_CUSTOMERS else network.newcomer()
    return Person(network, network.sessions[user_id])


@pytest.mark.parametrize("use", OF_OPERATORS + OF_CUSTOMERS + OF_NEWCOMERS, ids=lambda use: use.__name__)
def test_a_used_file_survives_the_sweep_and_an_unused_one_does_not(
    network: Network, use: Callable[[Person], Upload]
) -> None:
    person = person_for(network, use)
    used, unused = use(person), person.upload()
    network.fake_world.clock.advance(days=3)
    assert upload_checks.sweep(network.world) >= 1
    run_media_deletions(network)
    stored = network.fake_world.media.stored
    assert (used.public_id in stored, unused.public_id in stored) == (True, False)
    assert row(used) is not None
