"""Submission of identity documents: /api/auth/kyc."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from chalicelib.domain.problems.problem_codes import ProblemCode
from chalicelib.domain.users.citizenship_number import parse_citizenship_number
from chalicelib.domain.users.districts import parse_district
from chalicelib.domain.users.issue_date import issue_date
from chalicelib.edge.models import RequestModel
from chalicelib.edge.multipart_form import UploadedFile
from chalicelib.edge.responses import Response, created, ok
from chalicelib.services.caller import Caller
from chalicelib.services.users import kyc, profile
from chalicelib.services.users.kyc import KycForm
from chalicelib.wiring import world
from functions.params import Id, today
from functions.routing import blueprint
from functions.schemas import KycResponse, to_kyc_response
from functions.tags import Tag

routes = blueprint(__name__, Tag.KYC)
Image = Annotated[
    UploadedFile | Id,
    Field(description="A file of a multipart form, or the id of an upload of one's own with purpose kyc"),
]
District = Annotated[
    str,
    Field(min_length=2, max_length=100, description="One of the 77 districts, in English or Nepali"),
    AfterValidator(parse_district),
]


def issue_date_of(text: Any) -> str:
    """The date on a certificate as a customer typed it. Raises InvalidField."""
    return issue_date(text, today(world().now()))


IssueDate = Annotated[
    str,
    Field(max_length=64, description="A past day, in AD or Bikram Sambat, as on the certificate"),
    BeforeValidator(issue_date_of),
]

KYC_PROBLEMS: tuple[ProblemCode, ...] = (
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
    document_number: Annotated[str, Field(min_length=4, max_length=64, examples=["27-01-70-01234"])]
    issued_district: District
    issued_date: IssueDate
    document_front: Image
    document_back: Image | None = None

    def to_form(self) -> KycForm:
        return KycForm(
            self.document_type,
            parse_citizenship_number(self.document_number),
            self.issued_district,
            self.issued_date,
            _bytes_or_upload_id(self.document_front),
            _bytes_or_upload_id(self.document_back) if self.document_back else None,
        )


@routes.post(
    "/api/auth/kyc",
    body=SubmitKyc,
    response=KycResponse,
    status=201,
    prefetch=profile.profile_keys,
    problems=KYC_PROBLEMS,
)
def submit_kyc(request: SubmitKyc, caller: Caller, language: str) -> Response:
    """Submit the citizenship certificate for review."""
    submission = kyc.submit(world(), caller, request.to_form())
    return created(to_kyc_response(submission.status, submission, language))


@routes.patch(
    "/api/auth/kyc",
    body=SubmitKyc,
    response=KycResponse,
    prefetch=profile.profile_keys,
    problems=KYC_PROBLEMS,
)
def resubmit_kyc(request: SubmitKyc, caller: Caller, language: str) -> Response:
    """Submit the citizenship certificate again."""
    submission = kyc.submit(world(), caller, request.to_form())
    return ok(to_kyc_response(submission.status, submission, language))


@routes.get("/api/auth/kyc-status", response=KycResponse, prefetch=profile.profile_keys, problems=("not_found",))
def kyc_status(caller: Caller, language: str) -> Response:
    """The status of the user's KYC review."""
    return ok(to_kyc_response(caller.account.kyc_status, profile.load_profile(caller)[1], language))


def _bytes_or_upload_id(file: UploadedFile | str) -> bytes | str:
    return file if isinstance(file, str) else file.content
