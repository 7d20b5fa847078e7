"""The media store: the same tests for Cloudinary's adapter, with its simulation, and for the fake."""

import pytest
import requests

from chalicelib.domain.users.upload import DirectUpload, StoredFile, UploadKind
from chalicelib.world import Unavailable
from infra.local.clock import Clock
from infra.local.companies.all_companies import Companies
from infra.local.fault import Fault
from infra.local.seeds.images import citizenship_front
from infra.local.simulation import Simulation
from tests.gateways.media_store import Store, cloudinary
from tests.world.fakes import FakeMedia
from tests.world.pictures import PLACE, film, phone_photo, saved, scenery

IMAGES, FILMS = ("jpg", "png", "webp"), ("mp4", "mov", "webm")
ELSEWHERE = "https://evil.example.com"


@pytest.fixture(params=["cloudinary", "fake"])
def store(request: pytest.FixtureRequest, companies_and_simulation: tuple[Companies, Simulation]) -> Store:
    if request.param == "fake":
        return Store(FakeMedia())
    return Store(cloudinary(*companies_and_simulation), companies_and_simulation[1], companies_and_simulation[0])


@pytest.fixture
def real(companies_and_simulation: tuple[Companies, Simulation]) -> Store:
    return Store(cloudinary(*companies_and_simulation), companies_and_simulation[1], companies_and_simulation[0])


@pytest.mark.parametrize(
    ("kind", "content", "format_"),
    [
        ("image", saved(scenery()), "jpg"),
        ("image", saved(scenery(), "PNG"), "png"),
        ("image", saved(scenery(), "WEBP"), "webp"),
        ("video", film(2000), "mp4"),
        ("video", film(2000, b"qt  "), "mov"),
    ],
)
@pytest.mark.parametrize("private", [True, False])
def test_a_stored_file_is_found_under_its_public_id_only(
    kind: UploadKind, content: bytes, format_: str, private: bool, store: Store
) -> None:
    place = f"uploads/u-{format_}-{private}/1"
    stored_file = store.media.store(content, public_id=place, kind=kind, private=private)
    assert stored_file == StoredFile(place, format_, len(content))
    assert store.media.fetch_file(place, kind=kind, private=private) == stored_file
    assert store.media.fetch_file(place, kind=kind, private=not private) is None
    assert store.media.fetch_file("uploads/u/none", kind=kind, private=private) is None
    store.media.delete(place, kind=kind, private=private)
    assert store.media.fetch_file(place, kind=kind, private=private) is None


def test_only_an_images_own_url_gives_its_public_id(store: Store) -> None:
    link = store.media.link("uploads/u1/1", "jpg", kind="image")
    assert store.media.public_id_from_url(link) == "uploads/u1/1"
    others = [
        "",
        "x",
        link + "?x=1",
        link + "#x",
        link + "\n",
        link.replace("://", "://user@"),
        link.replace("/upload/", "/upload/e_blur:2000/"),
        link.replace("/upload/", "/authenticated/"),
        link.replace("/upload/", "/fetch/"),
        link.replace("uploads/u1/1", "uploads/u1/../u2/1"),
        link.replace("uploads/u1/1", "uploads/u1/%31"),
        link.removesuffix(".jpg"),
        link.replace(".jpg", ".svg"),
        store.media.link("uploads/u1/1", "mp4", kind="video"),
        ELSEWHERE + "/image/upload/v1/uploads/u1/1.jpg",
        ELSEWHERE + "/" + link,
        "javascript:" + link,
    ]
    assert [other for other in others if store.media.public_id_from_url(other) is not None] == []


def test_an_unavailable_store_raises_unavailable(store: Store) -> None:
    if store.made is None:
        store.media = FakeMedia(fails=Unavailable("cloudinary"))
    store.simulation.faults["cloudinary"] = Fault(2, status=503)
    with pytest.raises(Unavailable):
        store.media.fetch_file("uploads/u1/1", kind="image", private=False)
    with pytest.raises(Unavailable):
        store.media.store(saved(scenery()), public_id="uploads/u1/1", kind="image", private=False)


def test_a_wrong_secret_raises_credentials_rejected(real: Store) -> None:
    assert real.made is not None
    other = cloudinary(real.made, real.simulation, BIJULI_CLOUDINARY_API_SECRET="wrong")
    with pytest.raises(Unavailable):
        other.fetch_file("uploads/u1/1", kind="image", private=False)


def test_public_files_are_delivered_and_private_files_are_not(real: Store) -> None:
    photo = saved(scenery())
    for private in (False, True):
        real.media.store(photo, public_id="uploads/u2/1", kind="image", private=private)
    link = real.media.link("uploads/u2/1", "jpg", kind="image")
    assert requests.get(link, timeout=60).content == photo
    assert requests.get(link.replace("/upload/", "/authenticated/"), timeout=60).status_code == 401
    real.media.delete("uploads/u2/1", kind="image", private=False)
    assert requests.get(link, timeout=60).status_code == 404
    assert real.lies_there("uploads/u2/") == ["uploads/u2/1"]


def send(direct: DirectUpload, content: bytes, **changed: str) -> requests.Response:
    """Upload as a client does, with optional changed fields."""
    fields = {name: value for name, value in {**direct.fields, **changed}.items() if value}
    return requests.post(direct.url, data=fields, files={"file": ("f", content)}, timeout=60)


def signed(real: Store, place: str, kind: UploadKind = "image", *, private: bool = False) -> DirectUpload:
    formats = IMAGES if kind == "image" else FILMS
    return real.media.sign(f"uploads/u3/{place}", kind=kind, private=private, formats=formats)


def test_a_direct_upload_stores_a_file_without_its_location(real: Store) -> None:
    answer = send(signed(real, "1"), phone_photo()).json()
    assert answer["public_id"] == "uploads/u3/1"
    assert PLACE.encode() not in requests.get(answer["secure_url"], timeout=60).content
    stored_file = real.media.fetch_file("uploads/u3/1", kind="image", private=False)
    assert stored_file == StoredFile("uploads/u3/1", "jpg", answer["bytes"])
    assert real.media.public_id_from_url(answer["secure_url"]) == "uploads/u3/1"


def test_a_direct_upload_stores_a_film(real: Store) -> None:
    assert send(signed(real, "2", "video"), film(300_000)).json()["bytes"] == 300_000


@pytest.mark.parametrize(
    "change",
    [
        {"public_id": "uploads/u4/1"},
        {"type": "authenticated"},
        {"overwrite": "true"},
        {"allowed_formats": "jpg,png,webp,svg"},
        {"transformation": ""},
        {"timestamp": "9999999999"},
        {"tags": "mine"},
        {"signature": "0" * 40},
        {"api_key": "other"},
    ],
)
def test_a_direct_upload_with_a_changed_field_is_rejected(change: dict[str, str], real: Store) -> None:
    assert send(signed(real, "3"), phone_photo(), **change).status_code == 401
    assert real.lies_there("uploads/u3/3") == real.lies_there("uploads/u4") == []


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("image", b"<html></html>"),
        ("image", b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
        ("image", film(500)),
        ("video", phone_photo()),
        ("video", b"<html></html>"),
    ],
)
def test_a_direct_upload_of_another_kind_is_rejected(kind: UploadKind, content: bytes, real: Store) -> None:
    assert send(signed(real, "4", kind), content).status_code == 400
    assert real.lies_there("uploads/u3/4") == []


def test_a_direct_upload_of_an_unsigned_format_is_rejected(real: Store) -> None:
    only_png = real.media.sign("uploads/u3/5", kind="image", private=False, formats=("png",))
    assert send(only_png, saved(scenery())).status_code == 400
    assert send(only_png, saved(scenery(), "PNG")).status_code == 200


def test_a_second_file_does_not_replace_the_first(real: Store) -> None:
    direct = signed(real, "6")
    first = send(direct, saved(scenery())).json()
    again = send(direct, saved(scenery(640, 480))).json()
    assert again["existing"]
    assert again["version"] == first["version"]


def test_a_private_file_has_no_public_url(real: Store) -> None:
    answer = send(signed(real, "7", private=True), saved(scenery())).json()
    assert answer["type"] == "authenticated"
    assert requests.get(answer["secure_url"], timeout=60).status_code == 401


def test_an_upload_signature_expires_after_an_hour(real: Store) -> None:
    late, in_time = signed(real, "8"), signed(real, "9")
    real.simulation.clock.advance(3590)
    assert send(in_time, saved(scenery())).status_code == 200
    real.simulation.clock.advance(20)
    assert send(late, saved(scenery())).status_code == 400
    assert real.lies_there("uploads/u3/8") == []


def test_the_smallest_image_is_stored(store: Store) -> None:
    assert store.media.store(citizenship_front(), public_id="u/1", kind="image", private=True).format == "jpg"


@pytest.mark.parametrize("status", [420, 429])
def test_a_rate_limit_without_its_end_is_waited_out_for_a_minute(status: int, real: Store) -> None:
    real.simulation.faults["cloudinary"] = Fault(1, status=status)
    with pytest.raises(Unavailable) as away:
        real.media.fetch_file("nothing", kind="image", private=False)
    assert away.value.retry_after_seconds == 60


def test_queries_beyond_the_hours_limit_wait_for_the_next_hour(real: Store) -> None:
    assert real.made is not None
    real.simulation.clock = Clock()
    server = real.made.cloudinary
    server.admin_calls_per_hour = 0
    with pytest.raises(Unavailable) as away:
        real.media.fetch_file("nothing", kind="image", private=False)
    server.admin_calls_per_hour = 500
    until_next_hour = 3600 - real.simulation.clock.now().timestamp() % 3600
    assert abs(away.value.retry_after_seconds - until_next_hour) < 10
    assert real.media.fetch_file("nothing", kind="image", private=False) is None
