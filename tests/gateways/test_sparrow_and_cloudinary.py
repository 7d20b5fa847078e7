"""Texts and pictures: one set of sentences for the real adapters and for the fakes."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import requests

from chalicelib.gateways.cloudinary import CloudinaryMedia
from chalicelib.gateways.sparrow import Sparrow
from chalicelib.world import Away, Media, Refused, Sms, Unclear
from infra.local.companies import Companies
from infra.local.images import citizenship_front
from infra.local.stage import Fault, Stage
from tests.fakes import FakeMedia, FakeSms
from tests.gateways.companies import companies

PHONE = "+9779841000001"


@pytest.fixture(scope="module")
def street() -> Iterator[tuple[Companies, Stage]]:
    with companies() as made:
        yield made


def sparrow(made: Companies, **changed: str) -> Sparrow:
    env = made.environment() | changed
    return Sparrow(env["BIJULI_SPARROW_URL"], env["BIJULI_SPARROW_TOKEN"], env["BIJULI_SPARROW_SENDER"])


def cloudinary(made: Companies, **changed: str) -> CloudinaryMedia:
    env = made.environment() | changed
    return CloudinaryMedia(
        env["BIJULI_CLOUDINARY_API_URL"],
        env["BIJULI_CLOUDINARY_DELIVERY_URL"],
        cloud=env["BIJULI_CLOUDINARY_CLOUD"],
        api_key=env["BIJULI_CLOUDINARY_API_KEY"],
        api_secret=env["BIJULI_CLOUDINARY_API_SECRET"],
        now=lambda: datetime.now(UTC),
    )


@pytest.mark.parametrize("kind", ["sparrow", "fake"])
def test_a_text_reaches_the_number(kind: str, street: tuple[Companies, Stage]) -> None:
    fake = FakeSms()
    sms: Sms = sparrow(street[0]) if kind == "sparrow" else fake
    sms.send(PHONE, "hello")
    sent = fake.sent or [(one["to"], one["text"]) for one in street[0].outboxes["sms"](PHONE)]
    assert sent[0] == (PHONE, "hello")


def test_a_receiver_that_never_will_do_is_refused(street: tuple[Companies, Stage]) -> None:
    with pytest.raises(Refused, match="1007"):
        sparrow(street[0]).send("+97712", "hello")


def test_a_wrong_token_may_be_mended_so_it_is_tried_again(street: tuple[Companies, Stage]) -> None:
    with pytest.raises(Away, match="1002"):
        sparrow(street[0], BIJULI_SPARROW_TOKEN="wrong").send(PHONE, "hello")


def test_a_broken_provider_is_away(street: tuple[Companies, Stage]) -> None:
    made, stage = street
    stage.faults["sparrow"] = Fault(1, status=500)
    with pytest.raises(Away):
        sparrow(made).send(PHONE, "hello")
    with pytest.raises(Away):
        sparrow(made, BIJULI_SPARROW_URL="http://127.0.0.1:9/").send(PHONE, "hello")


def test_silence_after_sending_is_unclear(street: tuple[Companies, Stage]) -> None:
    made, stage = street
    stage.faults["sparrow"] = Fault(1, timeout=0.3)
    env = made.environment()
    impatient = Sparrow(
        env["BIJULI_SPARROW_URL"], env["BIJULI_SPARROW_TOKEN"], env["BIJULI_SPARROW_SENDER"], (1.0, 0.05)
    )
    with pytest.raises(Unclear):
        impatient.send(PHONE, "perhaps")


@pytest.mark.parametrize("kind", ["cloudinary", "fake"])
def test_a_picture_is_kept_and_named(kind: str, street: tuple[Companies, Stage]) -> None:
    media: Media = cloudinary(street[0]) if kind == "cloudinary" else FakeMedia()
    kept = media.keep(citizenship_front(), public_id="kyc/someone/front", kind="image", private=True)
    assert (kept.public_id, kept.format, kept.bytes_count) == ("kyc/someone/front", "jpg", len(citizenship_front()))


@pytest.mark.parametrize("kind", ["cloudinary", "fake"])
def test_what_is_no_picture_is_refused(kind: str, street: tuple[Companies, Stage]) -> None:
    media: Media = cloudinary(street[0]) if kind == "cloudinary" else FakeMedia()
    with pytest.raises(Refused):
        media.keep(b"<svg onload=alert(1)>", public_id="kyc/someone/svg", kind="image", private=True)


def test_a_private_link_works_until_it_expires_and_only_as_signed(street: tuple[Companies, Stage]) -> None:
    made, stage = street
    media = cloudinary(made)
    kept = media.keep(citizenship_front(), public_id="kyc/a&b/front", kind="image", private=True)
    link = media.private_link(kept.public_id, kept.format, until=stage.clock.now() + timedelta(seconds=60))
    assert requests.get(link, timeout=5).content == citizenship_front()
    assert requests.get(link.replace("a%26b", "c"), timeout=5).status_code == 401
    stage.clock.advance(61)
    assert requests.get(link, timeout=5).status_code == 401


def test_a_store_that_is_away_or_not_ours_is_away(street: tuple[Companies, Stage]) -> None:
    made, stage = street
    stage.faults["cloudinary"] = Fault(1, status=503)
    with pytest.raises(Away):
        cloudinary(made).keep(citizenship_front(), public_id="kyc/x", kind="image", private=True)
    with pytest.raises(Away):
        cloudinary(made, BIJULI_CLOUDINARY_API_SECRET="wrong").keep(
            citizenship_front(), public_id="kyc/x", kind="image", private=True
        )
    with pytest.raises(Away):
        cloudinary(made, BIJULI_CLOUDINARY_API_URL="http://127.0.0.1:9").keep(
            citizenship_front(), public_id="kyc/x", kind="image", private=True
        )


@pytest.mark.parametrize("kind", ["cloudinary", "fake"])
def test_what_is_forgotten_is_gone_and_forgetting_it_again_is_fine(
    kind: str, street: tuple[Companies, Stage]
) -> None:
    made, stage = street
    fake = FakeMedia()
    media: Media = cloudinary(made) if kind == "cloudinary" else fake
    kept = media.keep(citizenship_front(), public_id="kyc/gone/front", kind="image", private=True)
    link = media.private_link(kept.public_id, kept.format, until=stage.clock.now() + timedelta(seconds=60))
    for _ in range(2):
        media.forget(kept.public_id, kind="image", private=True)
    assert kept.public_id not in fake.kept
    assert kind == "fake" or requests.get(link, timeout=5).status_code == 404


def test_a_private_picture_is_not_forgotten_as_a_public_one(street: tuple[Companies, Stage]) -> None:
    made, stage = street
    media = cloudinary(made)
    kept = media.keep(citizenship_front(), public_id="kyc/stays/front", kind="image", private=True)
    media.forget(kept.public_id, kind="image", private=False)
    link = media.private_link(kept.public_id, kept.format, until=stage.clock.now() + timedelta(seconds=60))
    assert requests.get(link, timeout=5).status_code == 200


@pytest.mark.parametrize("kind", ["cloudinary", "fake"])
def test_what_an_absent_store_was_to_forget_is_not_said_to_be_gone(
    kind: str, street: tuple[Companies, Stage]
) -> None:
    made, stage = street
    media: Media = cloudinary(made) if kind == "cloudinary" else FakeMedia(fails=Away("cloudinary"))
    stage.faults["cloudinary"] = Fault(1, status=503)
    with pytest.raises(Away):
        media.forget("kyc/someone/front", kind="image", private=True)
    stage.faults.clear()
    with pytest.raises(Away):
        cloudinary(made, BIJULI_CLOUDINARY_API_SECRET="wrong").forget("kyc/x", kind="image", private=True)
