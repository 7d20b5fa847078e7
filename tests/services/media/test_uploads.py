"""Uploads: kept as pictures only, in a place of ours, so many an hour, and never without a row."""

from dataclasses import replace
from typing import Any

import pytest

from chalicelib.domain.upload import Purpose, UploadState
from chalicelib.services.caller import Caller
from chalicelib.services.media import lifecycle, uploads
from chalicelib.services.users import kyc
from chalicelib.tables import uploads as rows
from chalicelib.tables.atomic import atomic
from chalicelib.world import Away
from tests.doors import everything
from tests.pictures import HTML, PLACE, bomb_png, film, phone_photo, saved, scenery
from tests.street import Street
from tests.uploading import GENERAL, KYC, caller, direct, forget_all, fresh_caller, refused, row, submission


@pytest.fixture
def me(street: Street) -> Caller:
    return caller(street)


def test_a_photo_is_kept_clean_and_public(street: Street, me: Caller) -> None:
    kept = uploads.receive(street.world, me, phone_photo(), GENERAL)
    lying = street.scene.media.kept[kept.public_id]
    assert PLACE.encode() not in lying
    assert (kept.kind, kept.format, kept.bytes_count) == ("image", "jpg", len(lying))
    assert (kept.state, kept.look_at) == (UploadState.STORED, None)
    assert uploads.address_of(street.world, kept) == f"https://media.example.com/image/upload/v1/{kept.public_id}.jpg"
    assert row(kept) == kept


def test_papers_are_kept_private_and_have_no_address(street: Street, me: Caller) -> None:
    kept = uploads.receive(street.world, me, phone_photo(), KYC)
    assert street.scene.media.places[kept.public_id] == ("image", True)
    assert uploads.address_of(street.world, kept) is None


def test_a_small_film_is_kept_as_it_is(street: Street, me: Caller) -> None:
    kept = uploads.receive(street.world, me, film(5000), GENERAL)
    assert street.scene.media.kept[kept.public_id] == film(5000)
    assert kept.kind == "video"


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
def test_what_will_not_do_is_refused_and_leaves_nothing(
    content: bytes, purpose: Purpose, code: str, street: Street, me: Caller
) -> None:
    before = everything()
    refused(code, uploads.receive, street.world, me, content, purpose)
    assert everything() == before
    assert street.scene.media.kept == {}


def test_exactly_four_megabytes_will_do(street: Street, me: Caller) -> None:
    assert uploads.receive(street.world, me, film(4 * 1024 * 1024), GENERAL).bytes_count == 4 * 1024 * 1024


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
def test_what_is_announced_wrongly_is_refused_and_leaves_nothing(
    content_type: str, size: int, purpose: Purpose, code: str, street: Street, me: Caller
) -> None:
    before = everything()
    refused(code, uploads.sign, street.world, me, content_type, size, purpose)
    assert everything() == before


@pytest.mark.parametrize(("content_type", "most"), [("image/png", 10), ("video/quicktime", 100)])
def test_a_place_is_chosen_by_us_and_signed_for(content_type: str, most: int, street: Street, me: Caller) -> None:
    signed, told = uploads.sign(street.world, me, content_type, most * 1024 * 1024, GENERAL)
    assert told.fields["public_id"] == signed.public_id == f"uploads/{me.user_id}/{signed.upload_id}"
    assert row(signed) == signed
    assert (signed.state, uploads.address_of(street.world, signed)) == (UploadState.SIGNED, None)


def test_so_many_an_hour_and_no_more_in_whatever_form(street: Street) -> None:
    street.scene.settings = replace(street.scene.settings, uploads_per_user_hour=3)
    me = fresh_caller(street)
    uploads.receive(street.world, me, phone_photo(), GENERAL)
    uploads.receive(street.world, me, phone_photo(), KYC)
    uploads.sign(street.world, me, "image/png", 1, GENERAL)
    before, kept = everything(), dict(street.scene.media.kept)
    problems = [
        refused("upload_limit_reached", uploads.receive, street.world, me, phone_photo(), GENERAL),
        refused("upload_limit_reached", uploads.sign, street.world, me, "image/png", 1, GENERAL),
        refused("upload_limit_reached", kyc.submit, street.world, me, submission(phone_photo())),
    ]
    assert all(0 < (problem.retry_after_seconds or 0) <= 3600 for problem in problems)
    assert (everything(), street.scene.media.kept) == (before, kept)
    uploads.receive(street.world, fresh_caller(street), phone_photo(), GENERAL)
    street.scene.clock.pass_(hours=1)
    uploads.receive(street.world, me, phone_photo(), GENERAL)


def test_a_store_that_is_away_is_told_and_leaves_a_row_that_goes_by_itself(street: Street, me: Caller) -> None:
    street.scene.media.fails = Away("cloudinary", 30)
    refused("media_unavailable", uploads.receive, street.world, me, phone_photo(), GENERAL)
    (left,) = rows.of_user(me.user_id)
    assert left.state is UploadState.SIGNED
    street.scene.media.fails = None
    street.scene.clock.pass_(hours=25)
    lifecycle.sweep(street.world)
    forget_all(street)
    assert rows.of_user(me.user_id) == []
    assert street.scene.media.forgotten == [(left.public_id, "image", False)]


def test_a_crash_after_the_file_was_kept_leaves_no_file_that_nobody_knows_of(street: Street, me: Caller) -> None:
    """The file is there, the answer never came: the row is there too, and both go."""
    left = direct(street, me, phone_photo(), KYC)
    assert [one.public_id for one in rows.of_user(me.user_id)] == [left.public_id]
    street.scene.clock.pass_(hours=25)
    lifecycle.sweep(street.world)
    forget_all(street)
    assert street.scene.media.kept == {}


def test_an_account_that_goes_during_an_upload_takes_the_file_with_it(street: Street, me: Caller) -> None:
    media = street.scene.media
    keep = media.keep

    def keep_while_deleted(content: bytes, **where: Any) -> Any:
        kept = keep(content, **where)
        (mine,) = rows.of_user(me.user_id)
        atomic(street.world, lambda ops: rows.remove(ops, mine))
        return kept

    media.keep = keep_while_deleted  # type: ignore[method-assign]
    refused("upload_unusable", uploads.receive, street.world, me, phone_photo(), GENERAL)
    forget_all(street)
    assert media.kept == {}
    assert rows.of_user(me.user_id) == []
