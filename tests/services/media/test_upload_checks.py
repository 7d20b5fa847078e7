"""The life of uploads: checked at first use, deleted when unused."""

from dataclasses import replace

import pytest

from chalicelib.domain.users.upload import UploadState
from chalicelib.services import outbox
from chalicelib.services.caller import Caller
from chalicelib.services.media import removal, upload_checks, uploads
from chalicelib.services.media import store_deletion as media_deletion
from chalicelib.tables import uploads as rows
from chalicelib.tables.atomic import atomic
from chalicelib.world import Unavailable
from tests.engines.counting import counted
from tests.world.network import Network
from tests.world.pictures import film, phone_photo, saved, scenery
from tests.world.real_tables import all_rows
from tests.world.uploading import GENERAL, KYC, assert_problem, caller, direct, row, run_media_deletions


@pytest.fixture
def me(network: Network) -> Caller:
    return caller(network)


def test_a_direct_upload_is_checked_at_its_first_use(network: Network, me: Caller) -> None:
    signed = direct(network, me, phone_photo())
    link = network.world.media.link(signed.public_id, "jpg", kind="image")
    assert upload_checks.avatar(network.world, me, link) == link
    upload = row(signed)
    assert upload is not None
    assert (upload.state, upload.format, upload.next_check_at) == (UploadState.STORED, "jpg", None)
    network.fake_world.clock.advance(hours=48)
    assert upload_checks.sweep(network.world) == 0
    assert signed.public_id in network.fake_world.media.stored
    looks = len(network.fake_world.media.fetched)
    before = all_rows()
    assert upload_checks.avatar(network.world, me, link) == link
    assert (len(network.fake_world.media.fetched), all_rows()) == (looks, before)


def test_a_direct_upload_that_is_too_large_is_refused_and_deleted(network: Network, me: Caller) -> None:
    network.fake_world.settings = replace(network.fake_world.settings, direct_image_max_bytes=1000)
    signed = direct(network, me, saved(scenery()) + bytes(1000), KYC)
    assert_problem(
        "upload_unusable", upload_checks.require_usable, network.world, me.user_id, signed.upload_id, purpose=KYC
    )
    run_media_deletions(network)
    assert network.fake_world.media.stored == {}
    assert_problem(
        "upload_unusable", upload_checks.require_usable, network.world, me.user_id, signed.upload_id, purpose=KYC
    )


def test_a_file_sent_again_after_its_deletion_is_deleted_too(network: Network, me: Caller) -> None:
    network.fake_world.settings = replace(network.fake_world.settings, direct_image_max_bytes=1000)
    signed = direct(network, me, saved(scenery()) + bytes(1000), KYC)
    assert_problem(
        "upload_unusable", upload_checks.require_usable, network.world, me.user_id, signed.upload_id, purpose=KYC
    )
    run_media_deletions(network)
    network.fake_world.clock.advance(minutes=50)
    network.fake_world.media.store(
        phone_photo(), public_id=signed.public_id, kind=signed.kind, private=signed.private
    )
    assert_problem(
        "upload_unusable", upload_checks.require_usable, network.world, me.user_id, signed.upload_id, purpose=KYC
    )
    assert_problem("upload_unusable", atomic, network.world, lambda ops: upload_checks.mark_used(ops, signed))
    network.fake_world.clock.advance(minutes=26)
    assert upload_checks.sweep(network.world) == 1
    run_media_deletions(network)
    assert (network.fake_world.media.stored, row(signed)) == ({}, None)


def test_a_direct_upload_of_another_format_is_refused_and_deleted(network: Network, me: Caller) -> None:
    signed = direct(network, me, phone_photo())
    describe = network.fake_world.media._description
    network.fake_world.media._description = lambda public_id: replace(describe(public_id), format="svg")  # type: ignore[method-assign]
    assert_problem(
        "upload_unusable", upload_checks.require_usable, network.world, me.user_id, signed.upload_id, purpose=GENERAL
    )
    run_media_deletions(network)
    assert network.fake_world.media.stored == {}


def test_a_missing_direct_upload_is_refused_and_can_still_arrive(network: Network, me: Caller) -> None:
    signed, _ = uploads.sign(network.world, me, "image/jpeg", 1000, KYC)
    assert_problem(
        "upload_unusable", upload_checks.require_usable, network.world, me.user_id, signed.upload_id, purpose=KYC
    )
    assert row(signed) == signed


def test_the_sweep_checks_after_an_hour_and_deletes_after_a_day(network: Network, me: Caller) -> None:
    network.fake_world.settings = replace(network.fake_world.settings, direct_image_max_bytes=5000)
    sound = direct(network, me, phone_photo())
    large = direct(network, me, saved(scenery()) + bytes(5000))
    never, _ = uploads.sign(network.world, me, "image/jpeg", 1000, GENERAL)
    network.fake_world.clock.advance(minutes=74)
    assert upload_checks.sweep(network.world) == 0
    network.fake_world.clock.advance(minutes=2)
    assert upload_checks.sweep(network.world) == 3
    run_media_deletions(network)
    assert set(network.fake_world.media.stored) == {sound.public_id}
    assert {upload.upload_id for upload in rows.of_user(me.user_id)} == {sound.upload_id, never.upload_id}
    assert upload_checks.sweep(network.world) == 0
    network.fake_world.clock.advance(hours=23)
    assert upload_checks.sweep(network.world) == 2
    assert network.fake_world.media.stored != {}
    run_media_deletions(network)
    assert network.fake_world.media.stored == {}
    assert rows.of_user(me.user_id) == []
    assert large.public_id in {public_id for public_id, _, _ in network.fake_world.media.deleted}


def test_a_sweep_concurrent_with_a_use_keeps_the_file(network: Network, me: Caller) -> None:
    signed = direct(network, me, phone_photo())
    network.fake_world.clock.advance(hours=25)
    (due,) = rows.due(network.world.now(), 10)
    upload_checks.avatar(network.world, me, network.world.media.link(signed.public_id, "jpg", kind="image"))
    removal.drop(network.world, due)
    run_media_deletions(network)
    assert signed.public_id in network.fake_world.media.stored
    assert row(signed) is not None


def test_a_use_concurrent_with_the_sweep_is_refused(network: Network, me: Caller) -> None:
    signed = direct(network, me, phone_photo(), KYC)
    upload = upload_checks.require_usable(network.world, me.user_id, signed.upload_id, purpose=KYC)
    network.fake_world.clock.advance(hours=25)
    upload_checks.sweep(network.world)
    assert_problem("upload_unusable", atomic, network.world, lambda ops: upload_checks.mark_used(ops, upload))
    assert row(signed) is None


def test_the_sweep_scans_no_table_and_survives_an_unavailable_store(network: Network, me: Caller) -> None:
    direct(network, me, phone_photo())
    direct(network, me, phone_photo())
    network.fake_world.clock.advance(hours=2)
    network.fake_world.media.fails = Unavailable("cloudinary")
    with counted() as counts:
        assert upload_checks.sweep(network.world) == 2
    assert "Scan" not in counts.calls
    network.fake_world.media.fails = None
    assert upload_checks.sweep(network.world) == 2
    assert upload_checks.sweep(network.world) == 0


def test_a_file_is_deleted_once_for_repeated_messages(network: Network, me: Caller) -> None:
    direct(network, me, phone_photo())
    network.fake_world.clock.advance(hours=25)
    network.fake_world.queues.unavailable = True
    upload_checks.sweep(network.world)
    network.fake_world.queues.unavailable = False
    network.fake_world.clock.advance(minutes=5)
    assert outbox.sweep(network.world) == 1
    (body,) = network.fake_world.queues.take(outbox.ERASURE)
    network.fake_world.media.fails = Unavailable("cloudinary")
    with pytest.raises(Unavailable):
        media_deletion.delete_file(network.world, body)
    network.fake_world.media.fails = None
    for _ in range(2):
        media_deletion.delete_file(network.world, body)
    assert network.fake_world.media.stored == {}
    network.fake_world.clock.advance(hours=5)
    assert outbox.sweep(network.world) == 0


@pytest.mark.parametrize("whose", ["another's", "a private one", "a film", "elsewhere's", "nobody's", "no address"])
def test_an_avatar_must_be_a_public_image_of_the_user(whose: str, network: Network, me: Caller) -> None:
    link = network.world.media.link
    mine, upload = (uploads.receive(network.world, me, phone_photo(), purpose) for purpose in (GENERAL, KYC))
    theirs = uploads.receive(network.world, caller(network), phone_photo(), GENERAL)
    moving = uploads.receive(network.world, me, film(100), GENERAL)
    address = {
        "another's": link(theirs.public_id, "jpg", kind="image"),
        "a private one": link(upload.public_id, "jpg", kind="image"),
        "a film": link(moving.public_id, "jpg", kind="image"),
        "elsewhere's": link(mine.public_id, "jpg", kind="image").replace("media.example", "evil.example"),
        "nobody's": link(f"uploads/{me.user_id}/nobodys", "jpg", kind="image"),
        "no address": mine.upload_id,
    }[whose]
    before = all_rows()
    assert assert_problem("invalid_input", upload_checks.avatar, network.world, me, address).errors
    assert all_rows() == before


def test_an_avatar_at_an_unavailable_store_is_media_unavailable(network: Network, me: Caller) -> None:
    signed = direct(network, me, phone_photo())
    network.fake_world.media.fails = Unavailable("cloudinary")
    link = network.world.media.link(signed.public_id, "jpg", kind="image")
    assert_problem("media_unavailable", upload_checks.avatar, network.world, me, link)
