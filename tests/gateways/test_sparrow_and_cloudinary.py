"""SMS and images: the same tests for the real adapters and for the fakes."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import requests

from chalicelib.gateways.cloudinary import CloudinaryMedia
from chalicelib.gateways.sparrow import Sparrow
from chalicelib.world import Media, OutcomeUnknown, Rejected, Sms, Unavailable
from infra.local.companies.all_companies import Companies
from infra.local.fault import Fault
from infra.local.seeds.images import citizenship_front
from infra.local.simulation import Simulation
from tests.gateways.companies import companies
from tests.world.fakes import FakeMedia, FakeSms

PHONE = "+9779841000001"


@pytest.fixture(scope="module")
def companies_and_simulation() -> Iterator[tuple[Companies, Simulation]]:
    with companies() as made:
        yield made


def sparrow(servers: Companies, **changed: str) -> Sparrow:
    env = servers.environment() | changed
    return Sparrow(env["BIJULI_SPARROW_URL"], env["BIJULI_SPARROW_TOKEN"], env["BIJULI_SPARROW_SENDER"])


def cloudinary(servers: Companies, **changed: str) -> CloudinaryMedia:
    env = servers.environment() | changed
    return CloudinaryMedia(
        env["BIJULI_CLOUDINARY_API_URL"],
        env["BIJULI_CLOUDINARY_DELIVERY_URL"],
        cloud=env["BIJULI_CLOUDINARY_CLOUD"],
        api_key=env["BIJULI_CLOUDINARY_API_KEY"],
        api_secret=env["BIJULI_CLOUDINARY_API_SECRET"],
        now=lambda: datetime.now(UTC),
    )


@pytest.mark.parametrize("kind", ["sparrow", "fake"])
def test_an_sms_reaches_its_number(kind: str, companies_and_simulation: tuple[Companies, Simulation]) -> None:
    fake = FakeSms()
    sms: Sms = sparrow(companies_and_simulation[0]) if kind == "sparrow" else fake
    sms.send(PHONE, "hello")
    sent = fake.sent or [(item["to"], item["text"]) for item in companies_and_simulation[0].outboxes["sms"](PHONE)]
    assert sent[0] == (PHONE, "hello")


def test_an_invalid_receiver_raises_rejected(companies_and_simulation: tuple[Companies, Simulation]) -> None:
    with pytest.raises(Rejected, match="1007"):
        sparrow(companies_and_simulation[0]).send("+97712", "hello")


def test_a_wrong_token_raises_unavailable(
    companies_and_simulation: tuple[Companies, Simulation],
) -> None:
    with pytest.raises(Unavailable, match="1002"):
        sparrow(companies_and_simulation[0], BIJULI_SPARROW_TOKEN="wrong").send(PHONE, "hello")


def test_a_broken_provider_raises_unavailable(companies_and_simulation: tuple[Companies, Simulation]) -> None:
    servers, simulation = companies_and_simulation
    simulation.faults["sparrow"] = Fault(1, status=500)
    with pytest.raises(Unavailable):
        sparrow(servers).send(PHONE, "hello")
    with pytest.raises(Unavailable):
        sparrow(servers, BIJULI_SPARROW_URL="http://127.0.0.1:9/").send(PHONE, "hello")


def test_a_timeout_after_sending_raises_outcome_unknown(
    companies_and_simulation: tuple[Companies, Simulation],
) -> None:
    servers, simulation = companies_and_simulation
    simulation.faults["sparrow"] = Fault(1, timeout=0.3)
    env = servers.environment()
    with_short_timeouts = Sparrow(
        env["BIJULI_SPARROW_URL"], env["BIJULI_SPARROW_TOKEN"], env["BIJULI_SPARROW_SENDER"], (1.0, 0.05)
    )
    with pytest.raises(OutcomeUnknown):
        with_short_timeouts.send(PHONE, "perhaps")


@pytest.mark.parametrize("kind", ["cloudinary", "fake"])
def test_an_image_is_stored_under_its_public_id(
    kind: str, companies_and_simulation: tuple[Companies, Simulation]
) -> None:
    media: Media = cloudinary(companies_and_simulation[0]) if kind == "cloudinary" else FakeMedia()
    stored_file = media.store(citizenship_front(), public_id="kyc/someone/front", kind="image", private=True)
    assert (stored_file.public_id, stored_file.format, stored_file.bytes_count) == (
        "kyc/someone/front",
        "jpg",
        len(citizenship_front()),
    )


@pytest.mark.parametrize("kind", ["cloudinary", "fake"])
def test_a_file_that_is_no_image_raises_rejected(
    kind: str, companies_and_simulation: tuple[Companies, Simulation]
) -> None:
    media: Media = cloudinary(companies_and_simulation[0]) if kind == "cloudinary" else FakeMedia()
    with pytest.raises(Rejected):
        media.store(b"<svg onload=alert(1)>", public_id="kyc/someone/svg", kind="image", private=True)


def test_a_private_link_works_as_signed_until_it_expires(
    companies_and_simulation: tuple[Companies, Simulation],
) -> None:
    servers, simulation = companies_and_simulation
    media = cloudinary(servers)
    stored_file = media.store(citizenship_front(), public_id="kyc/a&b/front", kind="image", private=True)
    link = media.private_link(
        stored_file.public_id, stored_file.format, until=simulation.clock.now() + timedelta(seconds=60)
    )
    assert requests.get(link, timeout=60).content == citizenship_front()
    assert requests.get(link.replace("a%26b", "c"), timeout=60).status_code == 401
    simulation.clock.advance(61)
    assert requests.get(link, timeout=60).status_code == 401


def test_an_unavailable_or_foreign_store_raises_unavailable(
    companies_and_simulation: tuple[Companies, Simulation],
) -> None:
    servers, simulation = companies_and_simulation
    simulation.faults["cloudinary"] = Fault(1, status=503)
    with pytest.raises(Unavailable):
        cloudinary(servers).store(citizenship_front(), public_id="kyc/x", kind="image", private=True)
    with pytest.raises(Unavailable):
        cloudinary(servers, BIJULI_CLOUDINARY_API_SECRET="wrong").store(
            citizenship_front(), public_id="kyc/x", kind="image", private=True
        )
    with pytest.raises(Unavailable):
        cloudinary(servers, BIJULI_CLOUDINARY_API_URL="http://127.0.0.1:9").store(
            citizenship_front(), public_id="kyc/x", kind="image", private=True
        )


@pytest.mark.parametrize("kind", ["cloudinary", "fake"])
def test_a_deleted_file_is_gone_and_a_second_delete_is_harmless(
    kind: str, companies_and_simulation: tuple[Companies, Simulation]
) -> None:
    servers, simulation = companies_and_simulation
    fake = FakeMedia()
    media: Media = cloudinary(servers) if kind == "cloudinary" else fake
    stored_file = media.store(citizenship_front(), public_id="kyc/gone/front", kind="image", private=True)
    link = media.private_link(
        stored_file.public_id, stored_file.format, until=simulation.clock.now() + timedelta(seconds=60)
    )
    for _ in range(2):
        media.delete(stored_file.public_id, kind="image", private=True)
    assert stored_file.public_id not in fake.stored
    assert kind == "fake" or requests.get(link, timeout=60).status_code == 404


def test_deleting_as_public_leaves_a_private_image(
    companies_and_simulation: tuple[Companies, Simulation],
) -> None:
    servers, simulation = companies_and_simulation
    media = cloudinary(servers)
    stored_file = media.store(citizenship_front(), public_id="kyc/stays/front", kind="image", private=True)
    media.delete(stored_file.public_id, kind="image", private=False)
    link = media.private_link(
        stored_file.public_id, stored_file.format, until=simulation.clock.now() + timedelta(seconds=60)
    )
    assert requests.get(link, timeout=60).status_code == 200


@pytest.mark.parametrize("kind", ["cloudinary", "fake"])
def test_a_delete_at_an_unavailable_store_raises(
    kind: str, companies_and_simulation: tuple[Companies, Simulation]
) -> None:
    servers, simulation = companies_and_simulation
    media: Media = cloudinary(servers) if kind == "cloudinary" else FakeMedia(fails=Unavailable("cloudinary"))
    simulation.faults["cloudinary"] = Fault(1, status=503)
    with pytest.raises(Unavailable):
        media.delete("kyc/someone/front", kind="image", private=True)
    simulation.faults.clear()
    with pytest.raises(Unavailable):
        cloudinary(servers, BIJULI_CLOUDINARY_API_SECRET="wrong").delete("kyc/x", kind="image", private=True)
