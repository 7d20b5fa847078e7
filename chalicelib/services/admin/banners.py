"""Operators add, change and delete banners."""

from dataclasses import replace

from chalicelib.domain.content.banner import MAX_BANNERS, Banner
from chalicelib.domain.problems.problems import Problem, must_exist
from chalicelib.domain.problems.validation_messages import validation_message
from chalicelib.domain.text.ids import is_id
from chalicelib.domain.users.upload import Purpose, Upload
from chalicelib.services import audit_log
from chalicelib.services.caller import Caller, fresh_caller
from chalicelib.services.content import editing
from chalicelib.services.content.app_info import banner_cache
from chalicelib.services.content.editing import content_action, free_id
from chalicelib.services.media import upload_checks
from chalicelib.tables import app_info
from chalicelib.tables.atomic import Transaction, atomic
from chalicelib.tables.dynamodb import fetch_one
from chalicelib.world import World


def listing() -> list[Banner]:
    """All banners in display order, also those that are not shown now."""
    return app_info.banners()


def create(world: World, caller: Caller, draft: Banner, image_upload_id: str | None = None) -> Banner:
    """Add a banner. Its image is an upload of the caller, or else the address in the draft.

    Raises Problem: invalid_input without an image, dates_wrong, name_taken (the English title is there),
    content_full, upload_unusable, media_unavailable.
    """
    _must_have_order(draft)
    upload, draft = _with_image(world, caller, draft, image_upload_id)

    def decide(ops: Transaction) -> Banner:
        fresh_caller(world, caller, ops)
        others = app_info.banners()
        if draft.title.casefold() in {other.title.casefold() for other in others}:
            raise Problem("name_taken")
        if len(others) >= MAX_BANNERS:
            raise Problem("content_full", limit=MAX_BANNERS)
        added = replace(draft, banner_id=free_id(draft.title.casefold(), {other.banner_id for other in others}))
        app_info.save_banner(ops, added)
        _mark_used(ops, upload)
        action = content_action("banner_added", added.banner_id, None, added)
        audit_log.record(ops, world, caller.user_id, action)
        return replace(added, version=1)

    created = atomic(world, decide)
    banner_cache.clear()
    return created


def change(world: World, caller: Caller, draft: Banner, image_upload_id: str | None = None) -> Banner:
    """Replace a banner over the version that the operator has read. An equal draft changes nothing.

    Raises Problem: not_found, invalid_input, dates_wrong, changed_meanwhile, upload_unusable, media_unavailable.
    """
    _must_have_order(draft)
    upload, draft = _with_image(world, caller, draft, image_upload_id)

    def save(ops: Transaction, banner: Banner) -> None:
        app_info.save_banner(ops, banner)
        _mark_used(ops, upload)

    changed = editing.change(
        world,
        caller,
        draft,
        read=lambda: _read(draft.banner_id),
        save=save,
        as_stored=lambda before: replace(draft, version=before.version),
        logged_as=("banner_changed", draft.banner_id),
    )
    banner_cache.clear()
    return changed


def delete(world: World, caller: Caller, banner_id: str) -> None:
    """Raises Problem("not_found")."""
    editing.delete(
        world,
        caller,
        read=lambda: _read(banner_id),
        remove=app_info.delete_banner,
        logged_as=("banner_deleted", banner_id),
    )
    banner_cache.clear()


def _must_have_order(banner: Banner) -> None:
    if banner.starts_at is not None and banner.ends_at is not None and banner.ends_at <= banner.starts_at:
        raise Problem("dates_wrong")


def _with_image(world: World, caller: Caller, draft: Banner, upload_id: str | None) -> tuple[Upload | None, Banner]:
    """The operator's upload, if one is named, and the draft with the address of its image."""
    if upload_id is not None:
        upload = upload_checks.require_usable(world, caller.user_id, upload_id, purpose=Purpose.GENERAL)
        address = world.media.link(upload.public_id, str(upload.format), kind=upload.kind)
        return upload, replace(draft, image_url=address)
    if not draft.image_url:
        raise Problem("invalid_input", errors={"image_url": [validation_message("required")]})
    return None, draft


def _mark_used(ops: Transaction, upload: Upload | None) -> None:
    """Stage that the upload stays. One that is in use already stays anyway."""
    if upload is not None and upload.next_check_at is not None:
        upload_checks.mark_used(ops, upload)


def _read(banner_id: str) -> Banner:
    return must_exist(fetch_one(app_info.banner_key(banner_id)) if is_id(banner_id) else None)
