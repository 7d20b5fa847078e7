"""Uploads of images and videos: /api/app/upload."""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field, JsonValue, model_validator

from chalicelib.domain.problems.validation_messages import InvalidField
from chalicelib.domain.users.upload import DirectUpload, Purpose, Upload
from chalicelib.edge.formats import WebAddress
from chalicelib.edge.models import RequestModel, ResponseModel
from chalicelib.edge.multipart_form import UploadedFile
from chalicelib.edge.responses import Response, created
from chalicelib.edge.text_conversion import AsInteger
from chalicelib.services.caller import Caller
from chalicelib.services.media import uploads
from chalicelib.wiring import world
from functions.routing import blueprint
from functions.tags import Tag

routes = blueprint(__name__, Tag.UPLOADS)
FORMS: list[JsonValue] = [{"required": ["file"]}, {"required": ["file_name", "content_type", "size"]}]
ANNOUNCED: dict[str, JsonValue] = {
    "file_name": "tour.mp4",
    "content_type": "video/mp4",
    "size": 20_000_000,
    "purpose": "general",
}


class UploadFile(RequestModel):
    """Either a file of at most 4 MB in a multipart form, or the description of a larger file for the media store."""

    model_config = ConfigDict(json_schema_extra={"oneOf": FORMS, "examples": [ANNOUNCED]})

    file: UploadedFile | None = None
    file_name: Annotated[str, Field(min_length=1, max_length=255)] | None = None
    content_type: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    size: Annotated[int, Field(strict=True, ge=1, description="In bytes"), AsInteger] | None = None
    purpose: Literal["general", "kyc"] = "general"

    @model_validator(mode="after")
    def _in_one_form(self) -> "UploadFile":
        announced = [self.file_name, self.content_type, self.size]
        if (self.file is None) is (None in announced) or (self.file is not None and announced != [None] * 3):
            raise InvalidField("file_missing")
        return self


class DirectUploadResponse(ResponseModel):
    """How to send the file: a multipart form to `url` with these fields and the file as `file`, within one hour."""

    url: WebAddress
    fields: dict[str, str]


class UploadResponse(ResponseModel):
    id: str
    file_url: Annotated[
        WebAddress | None, Field(description="Null for a private file, and until a direct upload has arrived")
    ]
    file_type: Literal["image", "video"]
    size: Annotated[int, Field(description="In bytes")]
    upload: Annotated[
        DirectUploadResponse | None, Field(description="Where to send the file; null when the request held the file")
    ]


@routes.post(
    "/api/app/upload",
    body=UploadFile,
    response=UploadResponse,
    status=201,
    problems=("image_invalid", "upload_unusable", "upload_limit_reached", "media_unavailable"),
)
def upload(request: UploadFile, caller: Caller) -> Response:
    """Upload an image or a video.

    A small file comes in the request. For a larger one the response says how to send it to the media store.
    """
    purpose = Purpose(request.purpose)
    if request.file is not None:
        stored = uploads.receive(world(), caller, request.file.content, purpose)
        return created(to_upload_response(stored, stored.bytes_count or 0, None))
    size = request.size or 0
    signed, direct = uploads.sign(world(), caller, request.content_type or "", size, purpose)
    return created(to_upload_response(signed, size, direct))


def to_upload_response(upload: Upload, size: int, direct: DirectUpload | None) -> UploadResponse:
    return UploadResponse(
        id=upload.upload_id,
        file_url=uploads.public_url(world(), upload),
        file_type=upload.kind,
        size=size,
        upload=DirectUploadResponse(url=direct.url, fields=dict(direct.fields)) if direct else None,
    )
