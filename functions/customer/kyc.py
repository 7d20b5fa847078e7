"""The papers that say who somebody is: /api/auth/kyc."""

from typing import Annotated, Literal

from pydantic import Field

from chalicelib.domain.document import document_number
from chalicelib.edge.authentication import caller
from chalicelib.edge.decoding import Upload
from chalicelib.edge.models import Asked
from chalicelib.edge.parsing import body
from chalicelib.edge.responses import Answer, created, ok
from chalicelib.services.users import kyc, profile
from chalicelib.services.users.kyc import Submission
from chalicelib.wiring import world
from functions.params import Id
from functions.routing import doors
from functions.schemas import KycView, kyc_view
from functions.tags import Tag

routes = doors(__name__, Tag.KYC)
Image = Annotated[
    Upload | Id, Field(description="A file of a multipart form, or the id of an upload of one's own with purpose kyc")
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


class SubmitKyc(Asked):
    document_type: Literal["citizenship"]
    document_number: Annotated[str, Field(min_length=4, max_length=32, examples=["27-01-70-01234"])]
    issued_district: Annotated[str, Field(min_length=2, max_length=64)]
    issued_date: Annotated[str, Field(min_length=6, max_length=32)]
    document_front: Image
    document_back: Image | None = None


@routes.post(
    "/api/auth/kyc",
    asks=SubmitKyc,
    answer=KycView,
    status=201,
    problems=KYC_PROBLEMS,
)
def submit_kyc() -> Answer:
    """Hand in the citizenship certificate."""
    return created(_submit())


@routes.patch(
    "/api/auth/kyc",
    asks=SubmitKyc,
    answer=KycView,
    problems=KYC_PROBLEMS,
)
def resubmit_kyc() -> Answer:
    """Hand in the citizenship certificate again."""
    return ok(_submit())


@routes.get("/api/auth/kyc-status", answer=KycView, problems=("not_found",))
def kyc_status() -> Answer:
    """Where the papers stand."""
    who = caller(routes, *profile.keys_of_me(str(routes.claims()["sub"])))
    return ok(kyc_view(who.account.kyc_status, profile.person(who)[1]))


def _submit() -> KycView:
    who = caller(routes, *profile.keys_of_me(str(routes.claims()["sub"])))
    asked = body(routes, SubmitKyc)
    papers = kyc.submit(
        world(),
        who,
        Submission(
            asked.document_type,
            document_number(asked.document_number),
            asked.issued_district,
            asked.issued_date,
            _image(asked.document_front),
            _image(asked.document_back) if asked.document_back else None,
        ),
    )
    return kyc_view(papers.status, papers)


def _image(given: Upload | str) -> bytes | str:
    return given if isinstance(given, str) else given.content
