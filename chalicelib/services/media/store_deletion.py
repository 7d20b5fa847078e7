"""Deletes a file at the media store: a transaction stages a message, and its consumer calls the store."""

from collections.abc import Mapping
from typing import Any, cast, get_args

from chalicelib import log
from chalicelib.domain.operations.message_errors import Poison
from chalicelib.domain.users.upload import UploadKind
from chalicelib.services import outbox as outbox_messages
from chalicelib.services.outbox import ERASURE
from chalicelib.tables.atomic import Transaction
from chalicelib.world import World


def stage_deletion(
    ops: Transaction, world: World, public_id: str, *, kind: UploadKind, private: bool, repeated: bool = False
) -> None:
    """Stage the deletion of a file, in the transaction that removes the last reference to it.

    A file is deleted once; `repeated` is for a file that a client may have sent again.
    """
    body = {"what": "media", "public_id": public_id, "kind": kind, "private": private}
    outbox_messages.stage(ops, world, ERASURE, f"erase:{public_id}{'#again' if repeated else ''}", body)


def delete_file(world: World, body: Mapping[str, Any]) -> None:
    """Delete one file. Repetition is harmless. Raises Unavailable when the queue must try again, Poison for a message
    that names no file."""
    message_id, public_id = body.get("message_id"), body.get("public_id")
    kind, private = body.get("kind"), body.get("private")
    names_a_file = isinstance(public_id, str) and bool(public_id) and isinstance(message_id, str)
    if not names_a_file or kind not in get_args(UploadKind) or type(private) is not bool:
        raise Poison("names no file")
    world.media.delete(str(public_id), kind=cast(UploadKind, kind), private=private)
    outbox_messages.drop(str(message_id))
    log.fact("media_deleted", message_id=message_id)
