"""Files: /api/app/upload, in two forms behind one door."""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field, JsonValue, model_validator

from chalicelib.domain.upload import Direct, Purpose, Upload
from chalicelib.edge import decoding
from chalicelib.edge.authentication import caller
from chalicelib.edge.coercion import AsInteger
from chalicelib.edge.formats import WebAddress
from chalicelib.edge.models import Asked, Told
from chalicelib.edge.parsing import body
from chalicelib.edge.responses import Answer, created
from chalicelib.services.media import uploads
from chalicelib.wiring import world
from functions.routing import doors
from functions.tags import Tag

routes = doors(__name__, Tag.UPLOADS)
FORMS: list[JsonValue] = [{"required": ["file"]}, {"required": ["file_name", "content_type", "size"]}]
ANNOUNCED: dict[str, JsonValue] = {
    "file_name": "tour.mp4",
    "content_type": "video/mp4",
    "size": 20_000_000,
    "purpose": "general",
}


class UploadFile(Asked):
    """Either the file itself, in a multipart form, to 4 MB; or what it will be, to send it to the media store."""

    model_config = ConfigDict(json_schema_extra={"oneOf": FORMS, "examples": [ANNOUNCED]})

    file: decoding.Upload | None = None
    file_name: Annotated[str, Field(min_length=1, max_length=255)] | None = None
    content_type: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    size: Annotated[int, Field(strict=True, ge=1, description="In bytes"), AsInteger] | None = None
    purpose: Literal["general", "kyc"] = "general"

    @model_validator(mode="after")
    def _in_one_form(self) -> "UploadFile":
        announced = [self.file_name, self.content_type, self.size]
        if (self.file is None) is (None in announced) or (self.file is not None and announced != [None] * 3):
            raise ValueError("give either file, or file_name, content_type and size")
        return self


class DirectView(Told):
    """Send a multipart form there with these fields and the file as `file`, within the hour."""

    url: WebAddress
    fields: dict[str, str]


class UploadView(Told):
    id: str
    file_url: Annotated[
        WebAddress | None, Field(description="Null for what is private, and until a direct upload is there")
    ]
    file_type: Literal["image", "video"]
    size: Annotated[int, Field(description="In bytes")]
    upload: Annotated[DirectView | None, Field(description="Where to send the file; null when it is kept already")]


@routes.post(
    "/api/app/upload",
    asks=UploadFile,
    answer=UploadView,
    status=201,
    problems=("image_invalid", "upload_unusable", "upload_limit_reached", "media_unavailable"),
)
def upload() -> Answer:
    """Upload an image or a video: a small one through us, a larger one straight to the media store."""
    who = caller(routes)
    asked = body(routes, UploadFile)
    purpose = Purpose(asked.purpose)
    if asked.file is not None:
        kept = uploads.receive(world(), who, asked.file.content, purpose)
        return created(upload_view(kept, kept.bytes_count or 0, None))
    size = asked.size or 0
    signed, direct = uploads.sign(world(), who, asked.content_type or "", size, purpose)
    return created(upload_view(signed, size, direct))


def upload_view(one: Upload, size: int, direct: Direct | None) -> UploadView:
    return UploadView(
        id=one.upload_id,
        file_url=uploads.address_of(world(), one),
        file_type=one.kind,
        size=size,
        upload=DirectView(url=direct.url, fields=dict(direct.fields)) if direct else None,
    )
