"""What becomes of uploads: seen when they are used, and forgotten when nobody uses them."""

from dataclasses import replace

import pytest

from chalicelib.domain.upload import UploadState
from chalicelib.services import outbox
from chalicelib.services.caller import Caller
from chalicelib.services.media import deletion as media_deletion
from chalicelib.services.media import lifecycle, uploads
from chalicelib.tables import uploads as rows
from chalicelib.tables.atomic import atomic
from chalicelib.world import Away
from tests.counting import counted
from tests.doors import everything
from tests.pictures import film, phone_photo, saved, scenery
from tests.street import Street
from tests.uploading import GENERAL, KYC, caller, direct, forget_all, refused, row


@pytest.fixture
def me(street: Street) -> Caller:
    return caller(street)


def test_a_direct_upload_is_seen_when_it_is_used_and_stays(street: Street, me: Caller) -> None:
    signed = direct(street, me, phone_photo())
    link = street.world.media.link(signed.public_id, "jpg", kind="image")
    assert lifecycle.avatar(street.world, me, link) == link
    kept = row(signed)
    assert kept is not None
    assert (kept.state, kept.format, kept.look_at) == (UploadState.STORED, "jpg", None)
    street.scene.clock.pass_(hours=48)
    assert lifecycle.sweep(street.world) == 0
    assert signed.public_id in street.scene.media.kept
    looks = len(street.scene.media.looked)
    before = everything()
    assert lifecycle.avatar(street.world, me, link) == link
    assert (len(street.scene.media.looked), everything()) == (looks, before)


def test_a_direct_upload_that_is_too_large_is_refused_and_forgotten(street: Street, me: Caller) -> None:
    street.scene.settings = replace(street.scene.settings, direct_image_most_bytes=1000)
    signed = direct(street, me, saved(scenery()) + bytes(1000), KYC)
    refused("upload_unusable", lifecycle.usable, street.world, me.user_id, signed.upload_id, purpose=KYC)
    forget_all(street)
    assert street.scene.media.kept == {}
    refused("upload_unusable", lifecycle.usable, street.world, me.user_id, signed.upload_id, purpose=KYC)


def test_a_file_put_again_where_one_was_forgotten_is_forgotten_too(street: Street, me: Caller) -> None:
    street.scene.settings = replace(street.scene.settings, direct_image_most_bytes=1000)
    signed = direct(street, me, saved(scenery()) + bytes(1000), KYC)
    refused("upload_unusable", lifecycle.usable, street.world, me.user_id, signed.upload_id, purpose=KYC)
    forget_all(street)
    street.scene.clock.pass_(minutes=50)
    street.scene.media.keep(phone_photo(), public_id=signed.public_id, kind=signed.kind, private=signed.private)
    refused("upload_unusable", lifecycle.usable, street.world, me.user_id, signed.upload_id, purpose=KYC)
    refused("upload_unusable", atomic, street.world, lambda ops: lifecycle.use(ops, signed))
    street.scene.clock.pass_(minutes=26)
    assert lifecycle.sweep(street.world) == 1
    forget_all(street)
    assert (street.scene.media.kept, row(signed)) == ({}, None)


def test_a_direct_upload_of_another_format_is_refused_and_forgotten(street: Street, me: Caller) -> None:
    signed = direct(street, me, phone_photo())
    told = street.scene.media._told
    street.scene.media._told = lambda public_id: replace(told(public_id), format="svg")  # type: ignore[method-assign]
    refused("upload_unusable", lifecycle.usable, street.world, me.user_id, signed.upload_id, purpose=GENERAL)
    forget_all(street)
    assert street.scene.media.kept == {}


def test_one_that_never_came_is_refused_and_may_still_come(street: Street, me: Caller) -> None:
    signed, _ = uploads.sign(street.world, me, "image/jpeg", 1000, KYC)
    refused("upload_unusable", lifecycle.usable, street.world, me.user_id, signed.upload_id, purpose=KYC)
    assert row(signed) == signed


def test_the_sweep_looks_after_the_hour_and_forgets_after_the_day(street: Street, me: Caller) -> None:
    street.scene.settings = replace(street.scene.settings, direct_image_most_bytes=5000)
    sound = direct(street, me, phone_photo())
    large = direct(street, me, saved(scenery()) + bytes(5000))
    never, _ = uploads.sign(street.world, me, "image/jpeg", 1000, GENERAL)
    street.scene.clock.pass_(minutes=74)
    assert lifecycle.sweep(street.world) == 0
    street.scene.clock.pass_(minutes=2)
    assert lifecycle.sweep(street.world) == 3
    forget_all(street)
    assert set(street.scene.media.kept) == {sound.public_id}
    assert {one.upload_id for one in rows.of_user(me.user_id)} == {sound.upload_id, never.upload_id}
    assert lifecycle.sweep(street.world) == 0
    street.scene.clock.pass_(hours=23)
    assert lifecycle.sweep(street.world) == 2
    assert street.scene.media.kept != {}
    forget_all(street)
    assert street.scene.media.kept == {}
    assert rows.of_user(me.user_id) == []
    assert large.public_id in {public_id for public_id, _, _ in street.scene.media.forgotten}


def test_a_sweep_at_the_moment_of_use_takes_nothing_that_is_used(street: Street, me: Caller) -> None:
    signed = direct(street, me, phone_photo())
    street.scene.clock.pass_(hours=25)
    (due,) = rows.due(street.world.now(), 10)
    lifecycle.avatar(street.world, me, street.world.media.link(signed.public_id, "jpg", kind="image"))
    lifecycle._drop(street.world, due)
    forget_all(street)
    assert signed.public_id in street.scene.media.kept
    assert row(signed) is not None


def test_one_use_at_the_moment_of_the_sweep_is_refused_whole(street: Street, me: Caller) -> None:
    signed = direct(street, me, phone_photo(), KYC)
    seen = lifecycle.usable(street.world, me.user_id, signed.upload_id, purpose=KYC)
    street.scene.clock.pass_(hours=25)
    lifecycle.sweep(street.world)
    refused("upload_unusable", atomic, street.world, lambda ops: lifecycle.use(ops, seen))
    assert row(signed) is None


def test_the_sweep_scans_nothing_and_an_away_store_ends_no_sweep(street: Street, me: Caller) -> None:
    direct(street, me, phone_photo())
    direct(street, me, phone_photo())
    street.scene.clock.pass_(hours=2)
    street.scene.media.fails = Away("cloudinary")
    with counted() as counts:
        assert lifecycle.sweep(street.world) == 2
    assert "Scan" not in counts.calls
    street.scene.media.fails = None
    assert lifecycle.sweep(street.world) == 2
    assert lifecycle.sweep(street.world) == 0


def test_a_file_is_forgotten_once_it_can_be_however_often_it_is_told(street: Street, me: Caller) -> None:
    direct(street, me, phone_photo())
    street.scene.clock.pass_(hours=25)
    street.scene.queues.away = True
    lifecycle.sweep(street.world)
    street.scene.queues.away = False
    street.scene.clock.pass_(minutes=5)
    assert outbox.sweep(street.world) == 1
    (body,) = street.scene.queues.take(outbox.ERASURE)
    street.scene.media.fails = Away("cloudinary")
    with pytest.raises(Away):
        media_deletion.erase(street.world, body)
    street.scene.media.fails = None
    for _ in range(2):
        media_deletion.erase(street.world, body)
    assert street.scene.media.kept == {}
    street.scene.clock.pass_(hours=5)
    assert outbox.sweep(street.world) == 0


@pytest.mark.parametrize("whose", ["another's", "a private one", "a film", "elsewhere's", "nobody's", "no address"])
def test_an_avatar_that_is_no_public_image_of_ones_own_is_refused(whose: str, street: Street, me: Caller) -> None:
    link = street.world.media.link
    mine, papers = (uploads.receive(street.world, me, phone_photo(), purpose) for purpose in (GENERAL, KYC))
    theirs = uploads.receive(street.world, caller(street), phone_photo(), GENERAL)
    moving = uploads.receive(street.world, me, film(100), GENERAL)
    address = {
        "another's": link(theirs.public_id, "jpg", kind="image"),
        "a private one": link(papers.public_id, "jpg", kind="image"),
        "a film": link(moving.public_id, "jpg", kind="image"),
        "elsewhere's": link(mine.public_id, "jpg", kind="image").replace("media.example", "evil.example"),
        "nobody's": link(f"uploads/{me.user_id}/nobodys", "jpg", kind="image"),
        "no address": mine.upload_id,
    }[whose]
    before = everything()
    assert refused("invalid_input", lifecycle.avatar, street.world, me, address).errors
    assert everything() == before


def test_an_avatar_at_an_absent_store_is_told_as_that(street: Street, me: Caller) -> None:
    signed = direct(street, me, phone_photo())
    street.scene.media.fails = Away("cloudinary")
    link = street.world.media.link(signed.public_id, "jpg", kind="image")
    refused("media_unavailable", lifecycle.avatar, street.world, me, link)
