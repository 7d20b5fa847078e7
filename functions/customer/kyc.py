"""The papers that say who somebody is: /api/auth/kyc."""

from typing import Annotated, Literal

from pydantic import Field

from chalicelib.domain.document import document_number
from chalicelib.edge.authentication import authenticate
from chalicelib.edge.decoding import UploadedFile
from chalicelib.edge.models import RequestModel
from chalicelib.edge.parsing import body
from chalicelib.edge.responses import Response, created, ok
from chalicelib.services.users import kyc, profile
from chalicelib.services.users.kyc import KycForm
from chalicelib.wiring import world
from functions.params import Id
from functions.routing import blueprint
from functions.schemas import KycResponse, to_kyc_response
from functions.tags import Tag

routes = blueprint(__name__, Tag.KYC)
Image = Annotated[
    UploadedFile | Id,
    Field(description="A file of a multipart form, or the id of an upload of one's own with purpose kyc"),
]

KYC_PROBLEMS = (
    "not_found",
    "image_invalid",
    "kyc_already_approved",
    "document_already_used",
    "upload_unusable",
    "upload_limit_reached",
    "media_unavailable",
)


class SubmitKyc(RequestModel):
    document_type: Literal["citizenship"]
    document_number: Annotated[str, Field(min_length=4, max_length=32, examples=["27-01-70-01234"])]
    issued_district: Annotated[str, Field(min_length=2, max_length=64)]
    issued_date: Annotated[str, Field(min_length=6, max_length=32)]
    document_front: Image
    document_back: Image | None = None


@routes.post(
    "/api/auth/kyc",
    body=SubmitKyc,
    response=KycResponse,
    status=201,
    problems=KYC_PROBLEMS,
)
def submit_kyc() -> Response:
    """Hand in the citizenship certificate."""
    return created(_submit())


@routes.patch(
    "/api/auth/kyc",
    body=SubmitKyc,
    response=KycResponse,
    problems=KYC_PROBLEMS,
)
def resubmit_kyc() -> Response:
    """Hand in the citizenship certificate again."""
    return ok(_submit())


@routes.get("/api/auth/kyc-status", response=KycResponse, problems=("not_found",))
def kyc_status() -> Response:
    """Where the papers stand."""
    caller = authenticate(routes, *profile.profile_keys(str(routes.claims()["sub"])))
    return ok(to_kyc_response(caller.account.kyc_status, profile.load_profile(caller)[1]))


def _submit() -> KycResponse:
    caller = authenticate(routes, *profile.profile_keys(str(routes.claims()["sub"])))
    request = body(routes, SubmitKyc)
    submission = kyc.submit(
        world(),
        caller,
        KycForm(
            request.document_type,
            document_number(request.document_number),
            request.issued_district,
            request.issued_date,
            _image(request.document_front),
            _image(request.document_back) if request.document_back else None,
        ),
    )
    return to_kyc_response(submission.status, submission)


def _image(file: UploadedFile | str) -> bytes | str:
    return file if isinstance(file, str) else file.content
