"""Uploads: cleaned images, ids of the service, limits per hour, and a row before each file."""

from dataclasses import replace
from typing import Any

import pytest

from chalicelib.domain.users.upload import Purpose, UploadState
from chalicelib.services.caller import Caller
from chalicelib.services.media import upload_checks, uploads
from chalicelib.services.users import kyc
from chalicelib.tables import uploads as rows
from chalicelib.tables.atomic import atomic
from chalicelib.world import Unavailable
from tests.world.network import Network
from tests.world.pictures import HTML, PLACE, bomb_png, film, phone_photo, saved, scenery
from tests.world.real_tables import all_rows
from tests.world.uploading import (
    GENERAL,
    KYC,
    assert_problem,
    caller,
    direct,
    fresh_caller,
    row,
    run_media_deletions,
    submission,
)


@pytest.fixture
def uploader(network: Network) -> Caller:
    return caller(network)


def test_a_photo_is_stored_cleaned_and_public(network: Network, uploader: Caller) -> None:
    upload = uploads.receive(network.world, uploader, phone_photo(), GENERAL)
    stored_file = network.fake_world.media.stored[upload.public_id]
    assert PLACE.encode() not in stored_file
    assert (upload.kind, upload.format, upload.bytes_count) == ("image", "jpg", len(stored_file))
    assert (upload.state, upload.next_check_at) == (UploadState.STORED, None)
    assert (
        uploads.public_url(network.world, upload)
        == f"https://media.example.com/image/upload/v1/{upload.public_id}.jpg"
    )
    assert row(upload) == upload


def test_a_kyc_image_is_private_and_has_no_address(network: Network, uploader: Caller) -> None:
    upload = uploads.receive(network.world, uploader, phone_photo(), KYC)
    assert network.fake_world.media.places[upload.public_id] == ("image", True)
    assert uploads.public_url(network.world, upload) is None


def test_a_small_video_is_stored_unchanged(network: Network, uploader: Caller) -> None:
    upload = uploads.receive(network.world, uploader, film(5000), GENERAL)
    assert network.fake_world.media.stored[upload.public_id] == film(5000)
    assert upload.kind == "video"


@pytest.mark.parametrize(
    ("content", "purpose", "code"),
    [
        (HTML, GENERAL, "unsupported_media_type"),
        (b"", GENERAL, "unsupported_media_type"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", GENERAL, "unsupported_media_type"),
        (saved(scenery(), "GIF"), GENERAL, "unsupported_media_type"),
        (film(100, b"heic"), GENERAL, "unsupported_media_type"),
        (film(100), KYC, "unsupported_media_type"),
        (b"\xff\xd8\xff" + HTML, GENERAL, "image_invalid"),
        (phone_photo()[:500], KYC, "image_invalid"),
        (bomb_png(), GENERAL, "image_invalid"),
        (film(4 * 1024 * 1024 + 1), GENERAL, "too_large"),
        (saved(scenery()) + bytes(4 * 1024 * 1024), GENERAL, "too_large"),
    ],
)
def test_an_unsupported_file_is_refused_and_stores_nothing(
    content: bytes, purpose: Purpose, code: str, network: Network, uploader: Caller
) -> None:
    before = all_rows()
    assert_problem(code, uploads.receive, network.world, uploader, content, purpose)
    assert all_rows() == before
    assert network.fake_world.media.stored == {}


def test_a_file_of_exactly_four_megabytes_is_accepted(network: Network, uploader: Caller) -> None:
    assert uploads.receive(network.world, uploader, film(4 * 1024 * 1024), GENERAL).bytes_count == 4 * 1024 * 1024


@pytest.mark.parametrize(
    ("content_type", "size", "purpose", "code"),
    [
        ("image/svg+xml", 1, GENERAL, "unsupported_media_type"),
        ("text/html", 1, GENERAL, "unsupported_media_type"),
        ("video/mp4", 1, KYC, "unsupported_media_type"),
        ("image/jpeg", 10 * 1024 * 1024 + 1, GENERAL, "too_large"),
        ("video/mp4", 100 * 1024 * 1024 + 1, GENERAL, "too_large"),
        ("video/mp4", 10**30, GENERAL, "too_large"),
    ],
)
def test_an_invalid_direct_upload_is_refused_and_stores_nothing(
    content_type: str, size: int, purpose: Purpose, code: str, network: Network, uploader: Caller
) -> None:
    before = all_rows()
    assert_problem(code, uploads.sign, network.world, uploader, content_type, size, purpose)
    assert all_rows() == before


@pytest.mark.parametrize(("content_type", "most"), [("image/png", 10), ("video/quicktime", 100)])
def test_a_direct_upload_is_signed_for_an_id_of_the_service(
    content_type: str, most: int, network: Network, uploader: Caller
) -> None:
    signed, direct_upload = uploads.sign(network.world, uploader, content_type, most * 1024 * 1024, GENERAL)
    assert direct_upload.fields["public_id"] == signed.public_id == f"uploads/{uploader.user_id}/{signed.upload_id}"
    assert row(signed) == signed
    assert (signed.state, uploads.public_url(network.world, signed)) == (UploadState.SIGNED, None)


def test_uploads_of_both_forms_are_limited_per_hour(network: Network) -> None:
    network.fake_world.settings = replace(network.fake_world.settings, uploads_per_user_hour=3)
    uploader = fresh_caller(network)
    uploads.receive(network.world, uploader, phone_photo(), GENERAL)
    uploads.receive(network.world, uploader, phone_photo(), KYC)
    uploads.sign(network.world, uploader, "image/png", 1, GENERAL)
    before, files = all_rows(), dict(network.fake_world.media.stored)
    problems = [
        assert_problem("upload_limit_reached", uploads.receive, network.world, uploader, phone_photo(), GENERAL),
        assert_problem("upload_limit_reached", uploads.sign, network.world, uploader, "image/png", 1, GENERAL),
        assert_problem("upload_limit_reached", kyc.submit, network.world, uploader, submission(phone_photo())),
    ]
    assert all(0 < (problem.retry_after_seconds or 0) <= 3600 for problem in problems)
    assert (all_rows(), network.fake_world.media.stored) == (before, files)
    uploads.receive(network.world, fresh_caller(network), phone_photo(), GENERAL)
    network.fake_world.clock.advance(hours=1)
    uploads.receive(network.world, uploader, phone_photo(), GENERAL)


def test_an_unavailable_store_leaves_a_row_that_the_sweep_deletes(network: Network, uploader: Caller) -> None:
    network.fake_world.media.fails = Unavailable("cloudinary", 30)
    assert_problem("media_unavailable", uploads.receive, network.world, uploader, phone_photo(), GENERAL)
    (upload,) = rows.of_user(uploader.user_id)
    assert upload.state is UploadState.SIGNED
    network.fake_world.media.fails = None
    network.fake_world.clock.advance(hours=25)
    upload_checks.sweep(network.world)
    run_media_deletions(network)
    assert rows.of_user(uploader.user_id) == []
    assert network.fake_world.media.deleted == [(upload.public_id, "image", False)]


def test_a_crash_after_storing_leaves_no_unknown_file(network: Network, uploader: Caller) -> None:
    """The file is stored, and its response is lost. Its row exists, and the sweep deletes both."""
    direct_upload = direct(network, uploader, phone_photo(), KYC)
    assert [upload.public_id for upload in rows.of_user(uploader.user_id)] == [direct_upload.public_id]
    network.fake_world.clock.advance(hours=25)
    upload_checks.sweep(network.world)
    run_media_deletions(network)
    assert network.fake_world.media.stored == {}


def test_an_account_deleted_during_an_upload_loses_the_file(network: Network, uploader: Caller) -> None:
    media = network.fake_world.media
    keep = media.store

    def keep_while_deleted(content: bytes, **where: Any) -> Any:
        stored_file = keep(content, **where)
        (mine,) = rows.of_user(uploader.user_id)
        atomic(network.world, lambda ops: rows.remove(ops, mine))
        return stored_file

    media.store = keep_while_deleted  # type: ignore[method-assign]
    assert_problem("upload_unusable", uploads.receive, network.world, uploader, phone_photo(), GENERAL)
    run_media_deletions(network)
    assert media.stored == {}
    assert rows.of_user(uploader.user_id) == []
