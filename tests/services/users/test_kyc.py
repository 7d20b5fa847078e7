"""KYC submissions: images as files or uploads, their privacy, and the deletion of replaced images."""

from dataclasses import replace

import pytest

from chalicelib.services.media import upload_checks, uploads
from chalicelib.services.users import kyc
from chalicelib.tables import uploads as rows
from tests.world.network import Network
from tests.world.pictures import HTML, PLACE, film, phone_photo, saved, scenery, with_page
from tests.world.real_tables import all_rows
from tests.world.uploading import (
    GENERAL,
    KYC,
    assert_problem,
    caller_of,
    direct,
    fresh_caller,
    run_media_deletions,
    submission,
)


def test_documents_sent_as_files_are_cleaned_private_and_in_use(network: Network) -> None:
    me = fresh_caller(network)
    submitted = kyc.submit(network.world, me, submission(phone_photo(), with_page(saved(scenery()))))
    assert submitted.image_ids() == set(network.fake_world.media.stored)
    for public_id, content in network.fake_world.media.stored.items():
        assert network.fake_world.media.places[public_id] == ("image", True)
        assert PLACE.encode() not in content
        assert HTML not in content
    network.fake_world.clock.advance(hours=48)
    assert upload_checks.sweep(network.world) == 0


def test_documents_sent_by_id_refer_to_the_uploads(network: Network) -> None:
    me = fresh_caller(network)
    front = uploads.receive(network.world, me, phone_photo(), KYC)
    back = direct(network, me, saved(scenery(), "PNG"), KYC, "image/png")
    submitted = kyc.submit(network.world, me, submission(front.upload_id, back.upload_id))
    assert (submitted.front_id, submitted.front_format) == (front.public_id, "jpg")
    assert (submitted.back_id, submitted.back_format) == (back.public_id, "png")
    network.fake_world.clock.advance(hours=48)
    assert upload_checks.sweep(network.world) == 0


def test_one_upload_can_be_both_sides(network: Network) -> None:
    me = fresh_caller(network)
    front = uploads.receive(network.world, me, phone_photo(), KYC)
    submitted = kyc.submit(network.world, me, submission(front.upload_id, front.upload_id))
    assert submitted.front_id == submitted.back_id


@pytest.mark.parametrize("whose", ["another's", "a public one", "a film", "nobody's", "one that never came"])
def test_an_unusable_upload_id_is_refused_and_changes_nothing(whose: str, network: Network) -> None:
    me = fresh_caller(network)
    values = {
        "another's": lambda: uploads.receive(network.world, fresh_caller(network), phone_photo(), KYC),
        "a public one": lambda: uploads.receive(network.world, me, phone_photo(), GENERAL),
        "a film": lambda: uploads.receive(network.world, me, film(100), GENERAL),
        "nobody's": lambda: replace(uploads.receive(network.world, me, phone_photo(), KYC), upload_id="nobodys"),
        "one that never came": lambda: uploads.sign(network.world, me, "image/png", 10, KYC)[0],
    }[whose]()
    before, files = all_rows(), dict(network.fake_world.media.stored)
    for order in (submission(values.upload_id), submission(phone_photo(), values.upload_id)):
        assert_problem("upload_unusable", kyc.submit, network.world, me, order)
    assert all_rows() == before
    assert network.fake_world.media.stored == files


def test_a_bad_back_image_prevents_storing_the_front(network: Network) -> None:
    me = fresh_caller(network)
    before = all_rows()
    assert_problem("image_invalid", kyc.submit, network.world, me, submission(phone_photo(), HTML))
    assert all_rows() == before
    assert network.fake_world.media.stored == {}


def test_a_new_submission_deletes_the_old_images(network: Network) -> None:
    me = fresh_caller(network)
    old = kyc.submit(network.world, me, submission(phone_photo(), phone_photo()))
    new = kyc.submit(network.world, caller_of(network, me.user_id), submission(phone_photo()))
    assert len(network.fake_world.media.stored) == 3
    run_media_deletions(network)
    assert set(network.fake_world.media.stored) == new.image_ids()
    assert {place for place, _, private in network.fake_world.media.deleted if private} == old.image_ids()
    assert {upload.public_id for upload in rows.of_user(me.user_id)} == new.image_ids()


def test_an_upload_that_is_submitted_again_stays(network: Network) -> None:
    me = fresh_caller(network)
    front = uploads.receive(network.world, me, phone_photo(), KYC)
    kyc.submit(network.world, me, submission(front.upload_id, phone_photo()))
    kyc.submit(network.world, caller_of(network, me.user_id), submission(front.upload_id))
    run_media_deletions(network)
    assert set(network.fake_world.media.stored) == {front.public_id}


def test_the_images_of_a_refused_submission_are_deleted_later(network: Network) -> None:
    kyc.submit(network.world, fresh_caller(network), submission(phone_photo()))
    used = set(network.fake_world.media.stored)
    thief = fresh_caller(network)
    assert_problem("document_already_used", kyc.submit, network.world, thief, submission(phone_photo()))
    assert len(network.fake_world.media.stored) == 2
    network.fake_world.clock.advance(hours=25)
    upload_checks.sweep(network.world)
    run_media_deletions(network)
    assert set(network.fake_world.media.stored) == used


@pytest.mark.parametrize(
    ("number", "district"),
    [
        ("27/01/70/01234", "Lalitpur"),
        ("27--01-70/01234-", "Lalitpur"),
        ("27017001234", "Lalitpur"),
        ("27-01-70-01234", "ＬＡＬＩＴＰＵＲ"),
        ("27-01-70-01234", "Lalit\u200bpur"),
        ("27-01-70-01234", "lalit pur."),
    ],
)
def test_every_spelling_of_a_document_number_is_the_same_document(
    network: Network, number: str, district: str
) -> None:
    kyc.submit(network.world, fresh_caller(network), submission(phone_photo()))
    typed = replace(submission(phone_photo()), document_number=number, issued_district=district)
    assert_problem("document_already_used", kyc.submit, network.world, fresh_caller(network), typed)


@pytest.mark.parametrize("district", ["काठमाडौं", "Kaski", "Lalitpur"])
def test_two_documents_with_one_number_conflict_whatever_their_district(network: Network, district: str) -> None:
    kyc.submit(network.world, fresh_caller(network), submission(phone_photo()))
    typed = replace(submission(phone_photo()), issued_district=district)
    assert_problem("document_already_used", kyc.submit, network.world, fresh_caller(network), typed)


def test_another_number_is_another_document(network: Network) -> None:
    for number in ("27-01-70-01234", "27-01-70-01235", "12-3456", "27-01-70-0123"):
        order = replace(submission(phone_photo()), document_number=number)
        assert kyc.submit(network.world, fresh_caller(network), order)


def test_grouping_makes_no_other_document(network: Network) -> None:
    first = replace(submission(phone_photo()), document_number="12-3456")
    kyc.submit(network.world, fresh_caller(network), first)
    typed = replace(first, document_number="1-23456")
    assert_problem("document_already_used", kyc.submit, network.world, fresh_caller(network), typed)
