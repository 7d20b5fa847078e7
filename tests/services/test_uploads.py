"""Uploads: kept as pictures only, checked when they are used, and forgotten when nobody uses them."""

from dataclasses import replace
from typing import Any

import pytest

from chalicelib.domain.problems import Problem
from chalicelib.domain.upload import Purpose, Upload, UploadState
from chalicelib.services import accounts, erasure, keeping, kyc, messages, uploads
from chalicelib.services.accounts import Caller
from chalicelib.services.kyc import Submission
from chalicelib.tables import uploads as rows
from chalicelib.tables.atomic import atomic
from chalicelib.tables.store import fetch
from chalicelib.world import Away
from tests.builders import sign_in
from tests.counting import counted
from tests.doors import everything
from tests.pictures import HTML, PLACE, bomb_png, film, phone_photo, saved, scenery, with_page
from tests.street import Street

GENERAL, KYC = Purpose.GENERAL, Purpose.KYC


@pytest.fixture
def me(street: Street) -> Caller:
    return caller(street)


def caller(street: Street) -> Caller:
    user_id = street.customer(wallet_paisa=0)
    return sign_in(street.world, user_id).caller(street.world, *accounts.keys_of_me(user_id))


def row(upload: Upload) -> Upload | None:
    key = rows.upload_key(upload.user_id, upload.upload_id)
    return fetch(key)[key]


def direct(
    street: Street, who: Caller, content: bytes, purpose: Purpose = GENERAL, kind: str = "image/jpeg"
) -> Upload:
    """Signed for, and put there by the client."""
    signed, _ = uploads.sign(street.world, who, kind, 1000, purpose)
    street.scene.media.keep(content, public_id=signed.public_id, kind=signed.kind, private=signed.private)
    return signed


def forget_all(street: Street) -> None:
    for body in street.scene.queues.take(messages.ERASURE):
        erasure.erase(street.world, body)


def refused(code: str, do: Any, *args: Any, **more: Any) -> Problem:
    with pytest.raises(Problem) as told:
        do(*args, **more)
    assert told.value.code == code
    return told.value


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
    keeping.sweep(street.world)
    forget_all(street)
    assert rows.of_user(me.user_id) == []
    assert street.scene.media.forgotten == [(left.public_id, "image", False)]


def test_a_crash_after_the_file_was_kept_leaves_no_file_that_nobody_knows_of(street: Street, me: Caller) -> None:
    """The file is there, the answer never came: the row is there too, and both go."""
    left = direct(street, me, phone_photo(), KYC)
    assert [one.public_id for one in rows.of_user(me.user_id)] == [left.public_id]
    street.scene.clock.pass_(hours=25)
    keeping.sweep(street.world)
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


def test_a_direct_upload_is_seen_when_it_is_used_and_stays(street: Street, me: Caller) -> None:
    signed = direct(street, me, phone_photo())
    link = street.world.media.link(signed.public_id, "jpg", kind="image")
    assert keeping.avatar(street.world, me, link) == link
    kept = row(signed)
    assert kept is not None
    assert (kept.state, kept.format, kept.look_at) == (UploadState.STORED, "jpg", None)
    street.scene.clock.pass_(hours=48)
    assert keeping.sweep(street.world) == 0
    assert signed.public_id in street.scene.media.kept
    looks = len(street.scene.media.looked)
    before = everything()
    assert keeping.avatar(street.world, me, link) == link
    assert (len(street.scene.media.looked), everything()) == (looks, before)


def test_a_direct_upload_that_is_too_large_is_refused_and_forgotten(street: Street, me: Caller) -> None:
    street.scene.settings = replace(street.scene.settings, direct_image_most_bytes=1000)
    signed = direct(street, me, saved(scenery()) + bytes(1000), KYC)
    refused("upload_unusable", keeping.usable, street.world, me.user_id, signed.upload_id, purpose=KYC)
    forget_all(street)
    assert street.scene.media.kept == {}
    assert row(signed) is None
    refused("upload_unusable", keeping.usable, street.world, me.user_id, signed.upload_id, purpose=KYC)


def test_a_direct_upload_of_another_format_is_refused_and_forgotten(street: Street, me: Caller) -> None:
    signed = direct(street, me, phone_photo())
    told = street.scene.media._told
    street.scene.media._told = lambda public_id: replace(told(public_id), format="svg")  # type: ignore[method-assign]
    refused("upload_unusable", keeping.usable, street.world, me.user_id, signed.upload_id, purpose=GENERAL)
    forget_all(street)
    assert street.scene.media.kept == {}


def test_one_that_never_came_is_refused_and_may_still_come(street: Street, me: Caller) -> None:
    signed, _ = uploads.sign(street.world, me, "image/jpeg", 1000, KYC)
    refused("upload_unusable", keeping.usable, street.world, me.user_id, signed.upload_id, purpose=KYC)
    assert row(signed) == signed


def test_the_sweep_looks_after_the_hour_and_forgets_after_the_day(street: Street, me: Caller) -> None:
    street.scene.settings = replace(street.scene.settings, direct_image_most_bytes=5000)
    sound = direct(street, me, phone_photo())
    large = direct(street, me, saved(scenery()) + bytes(5000))
    never, _ = uploads.sign(street.world, me, "image/jpeg", 1000, GENERAL)
    street.scene.clock.pass_(minutes=74)
    assert keeping.sweep(street.world) == 0
    street.scene.clock.pass_(minutes=2)
    assert keeping.sweep(street.world) == 3
    forget_all(street)
    assert set(street.scene.media.kept) == {sound.public_id}
    assert {one.upload_id for one in rows.of_user(me.user_id)} == {sound.upload_id, never.upload_id}
    assert keeping.sweep(street.world) == 0
    street.scene.clock.pass_(hours=23)
    assert keeping.sweep(street.world) == 2
    assert street.scene.media.kept != {}
    forget_all(street)
    assert street.scene.media.kept == {}
    assert rows.of_user(me.user_id) == []
    assert large.public_id in {public_id for public_id, _, _ in street.scene.media.forgotten}


def test_a_sweep_at_the_moment_of_use_takes_nothing_that_is_used(street: Street, me: Caller) -> None:
    signed = direct(street, me, phone_photo())
    street.scene.clock.pass_(hours=25)
    (due,) = rows.due(street.world.now(), 10)
    keeping.avatar(street.world, me, street.world.media.link(signed.public_id, "jpg", kind="image"))
    keeping._drop(street.world, due)
    forget_all(street)
    assert signed.public_id in street.scene.media.kept
    assert row(signed) is not None


def test_one_use_at_the_moment_of_the_sweep_is_refused_whole(street: Street, me: Caller) -> None:
    signed = direct(street, me, phone_photo(), KYC)
    seen = keeping.usable(street.world, me.user_id, signed.upload_id, purpose=KYC)
    street.scene.clock.pass_(hours=25)
    keeping.sweep(street.world)
    refused("upload_unusable", atomic, street.world, lambda ops: keeping.use(ops, seen))
    assert row(signed) is None


def test_the_sweep_scans_nothing_and_an_away_store_ends_no_sweep(street: Street, me: Caller) -> None:
    direct(street, me, phone_photo())
    direct(street, me, phone_photo())
    street.scene.clock.pass_(hours=2)
    street.scene.media.fails = Away("cloudinary")
    with counted() as counts:
        assert keeping.sweep(street.world) == 2
    assert "Scan" not in counts.calls
    street.scene.media.fails = None
    assert keeping.sweep(street.world) == 2
    assert keeping.sweep(street.world) == 0


def test_a_file_is_forgotten_once_it_can_be_however_often_it_is_told(street: Street, me: Caller) -> None:
    direct(street, me, phone_photo())
    street.scene.clock.pass_(hours=25)
    street.scene.queues.away = True
    keeping.sweep(street.world)
    street.scene.queues.away = False
    street.scene.clock.pass_(minutes=5)
    assert messages.sweep(street.world) == 1
    (body,) = street.scene.queues.take(messages.ERASURE)
    street.scene.media.fails = Away("cloudinary")
    with pytest.raises(Away):
        erasure.erase(street.world, body)
    street.scene.media.fails = None
    for _ in range(2):
        erasure.erase(street.world, body)
    assert street.scene.media.kept == {}
    street.scene.clock.pass_(hours=5)
    assert messages.sweep(street.world) == 0


def submission(front: bytes | str, back: bytes | str | None = None) -> Submission:
    return Submission("citizenship", "27-01-70-01234", "Lalitpur", "2074-05-12", front, back)


def fresh_caller(street: Street) -> Caller:
    """A customer whose papers were never handed in."""
    from infra.local import seed
    from tests.builders import phone

    street.numbers += 1
    user_id = seed.add_customer(street.world, phone(500 + street.numbers), f"fresh{street.numbers}")
    return again(street, user_id)


def again(street: Street, user_id: str) -> Caller:
    return sign_in(street.world, user_id).caller(street.world, *accounts.keys_of_me(user_id))


def test_papers_handed_in_as_files_are_clean_private_and_in_use(street: Street) -> None:
    me = fresh_caller(street)
    papers = kyc.submit(street.world, me, submission(phone_photo(), with_page(saved(scenery()))))
    assert papers.image_ids() == set(street.scene.media.kept)
    for public_id, content in street.scene.media.kept.items():
        assert street.scene.media.places[public_id] == ("image", True)
        assert PLACE.encode() not in content
        assert HTML not in content
    street.scene.clock.pass_(hours=48)
    assert keeping.sweep(street.world) == 0


def test_papers_handed_in_by_id_are_the_uploads_themselves(street: Street) -> None:
    me = fresh_caller(street)
    front = uploads.receive(street.world, me, phone_photo(), KYC)
    back = direct(street, me, saved(scenery(), "PNG"), KYC, "image/png")
    papers = kyc.submit(street.world, me, submission(front.upload_id, back.upload_id))
    assert (papers.front_id, papers.front_format) == (front.public_id, "jpg")
    assert (papers.back_id, papers.back_format) == (back.public_id, "png")
    street.scene.clock.pass_(hours=48)
    assert keeping.sweep(street.world) == 0


def test_one_upload_may_be_both_sides(street: Street) -> None:
    me = fresh_caller(street)
    front = uploads.receive(street.world, me, phone_photo(), KYC)
    papers = kyc.submit(street.world, me, submission(front.upload_id, front.upload_id))
    assert papers.front_id == papers.back_id


@pytest.mark.parametrize("whose", ["another's", "a public one", "a film", "nobody's", "one that never came"])
def test_papers_by_an_id_that_will_not_do_change_nothing(whose: str, street: Street) -> None:
    me = fresh_caller(street)
    given = {
        "another's": lambda: uploads.receive(street.world, fresh_caller(street), phone_photo(), KYC),
        "a public one": lambda: uploads.receive(street.world, me, phone_photo(), GENERAL),
        "a film": lambda: uploads.receive(street.world, me, film(100), GENERAL),
        "nobody's": lambda: replace(uploads.receive(street.world, me, phone_photo(), KYC), upload_id="nobodys"),
        "one that never came": lambda: uploads.sign(street.world, me, "image/png", 10, KYC)[0],
    }[whose]()
    before, kept = everything(), dict(street.scene.media.kept)
    for order in (submission(given.upload_id), submission(phone_photo(), given.upload_id)):
        refused("upload_unusable", kyc.submit, street.world, me, order)
    assert everything() == before
    assert street.scene.media.kept == kept


def test_a_bad_back_side_keeps_the_front_from_being_stored(street: Street) -> None:
    me = fresh_caller(street)
    before = everything()
    refused("image_invalid", kyc.submit, street.world, me, submission(phone_photo(), HTML))
    assert everything() == before
    assert street.scene.media.kept == {}


def test_what_is_handed_in_anew_takes_the_place_of_the_old_which_is_forgotten(street: Street) -> None:
    me = fresh_caller(street)
    old = kyc.submit(street.world, me, submission(phone_photo(), phone_photo()))
    new = kyc.submit(street.world, again(street, me.user_id), submission(phone_photo()))
    assert len(street.scene.media.kept) == 3
    forget_all(street)
    assert set(street.scene.media.kept) == new.image_ids()
    assert {place for place, _, private in street.scene.media.forgotten if private} == old.image_ids()
    assert {one.public_id for one in rows.of_user(me.user_id)} == new.image_ids()


def test_an_upload_that_is_handed_in_again_is_not_forgotten(street: Street) -> None:
    me = fresh_caller(street)
    front = uploads.receive(street.world, me, phone_photo(), KYC)
    kyc.submit(street.world, me, submission(front.upload_id, phone_photo()))
    kyc.submit(street.world, again(street, me.user_id), submission(front.upload_id))
    forget_all(street)
    assert set(street.scene.media.kept) == {front.public_id}


def test_papers_that_are_refused_after_their_images_were_stored_leave_nothing_for_long(street: Street) -> None:
    kyc.submit(street.world, fresh_caller(street), submission(phone_photo()))
    used = set(street.scene.media.kept)
    thief = fresh_caller(street)
    refused("document_already_used", kyc.submit, street.world, thief, submission(phone_photo()))
    assert len(street.scene.media.kept) == 2
    street.scene.clock.pass_(hours=25)
    keeping.sweep(street.world)
    forget_all(street)
    assert set(street.scene.media.kept) == used


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
    assert refused("invalid_input", keeping.avatar, street.world, me, address).errors
    assert everything() == before


def test_an_avatar_at_an_absent_store_is_told_as_that(street: Street, me: Caller) -> None:
    signed = direct(street, me, phone_photo())
    street.scene.media.fails = Away("cloudinary")
    link = street.world.media.link(signed.public_id, "jpg", kind="image")
    refused("media_unavailable", keeping.avatar, street.world, me, link)
