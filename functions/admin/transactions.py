"""Transactions of all wallets, for operators: /api/admin/transactions."""

from typing import Annotated, Literal

from pydantic import Field

from chalicelib.domain.money.transaction_texts import line_text
from chalicelib.domain.text.money import PAISA_PER_RUPEE
from chalicelib.domain.text.time_text import time_text
from chalicelib.edge.formats import Time
from chalicelib.edge.models import ResponseModel
from chalicelib.edge.pagination import Cursor
from chalicelib.edge.responses import Response, ok
from chalicelib.services.wallet import all_transactions
from chalicelib.services.wallet.all_transactions import TransactionRecord, TransactionsFilter
from chalicelib.services.wallet.transactions import LineStatus, LineType
from functions.admin.paging import AnyPage, AnyPageQuery, page_fields
from functions.admin.upper_case import CaseInsensitive, in_upper_case, one_of_upper_case
from functions.params import FirstDay, Id, LastDay, span_of
from functions.routing import blueprint
from functions.tags import Tag

routes = blueprint(__name__, Tag.ADMIN_TRANSACTIONS)
TypeName = Literal["topup", "rental", "extension", "late_fee", "due", "refund", "points", "adjustment"]


class AllTransactionsQuery(AnyPageQuery):
    type: Annotated[TypeName | None, CaseInsensitive, Field(description="Only transactions of this type")] = None
    status: Annotated[
        Literal["pending", "success", "failed", "refunded"] | None,
        CaseInsensitive,
        Field(description="Only transactions in this state"),
    ] = None
    user_id: Annotated[Id | None, Field(description="Only transactions of this user")] = None
    start_date: FirstDay | None = None
    end_date: LastDay | None = None

    def to_filter(self) -> TransactionsFilter:
        kind = LineType(self.type) if self.type else None
        status = LineStatus(self.status) if self.status else None
        return TransactionsFilter(span_of(self.start_date, self.end_date), kind, status, self.user_id)


class TransactionUser(ResponseModel):
    id: str
    username: Annotated[str | None, Field(description="Null once the account is deleted")]
    email: str | None


class AdminTransaction(ResponseModel):
    id: str
    transaction_id: str
    source: Annotated[str, Field(description="The payment gateway, WALLET, or POINTS for points alone")]
    user: TransactionUser
    type: Annotated[str, one_of_upper_case(LineType)]
    amount: Annotated[float, Field(description="Rupees that came into the wallet; below zero what left it")]
    points: int
    status: Annotated[str, one_of_upper_case(LineStatus)]
    balance_before: Annotated[float, Field(description="Rupees")]
    balance_after: Annotated[float, Field(description="Rupees")]
    reference: Annotated[str, Field(description="What the transaction is about: a rental, a top-up, a refund")]
    created_at: Time
    description: str


class AdminTransactionsResponse(AnyPage[AdminTransaction]):
    pass


@routes.get(
    "/api/admin/transactions",
    permission="admin",
    query=AllTransactionsQuery,
    response=AdminTransactionsResponse,
)
def list_transactions(query: AllTransactionsQuery, cursor: Cursor, language: str) -> Response:
    """Transactions of all users, the newest first. A page may hold less than it could, and still have a cursor."""
    page = all_transactions.page_of(query.to_filter(), query.to_page(), before=cursor.text("before"))
    return ok(
        AdminTransactionsResponse(
            results=[to_transaction(record, language) for record in page.items],
            **page_fields(query, cursor, page.listed, before=page.following),
        )
    )


def to_transaction(record: TransactionRecord, language: str) -> AdminTransaction:
    line, user = record.line, record.user
    posting = line.posting
    return AdminTransaction(
        id=posting.transaction_id,
        transaction_id=posting.transaction_id,
        source=in_upper_case(record.source),
        user=TransactionUser(
            id=posting.user_id, username=user.username if user else None, email=user.email if user else None
        ),
        type=in_upper_case(line.kind),
        amount=line.wallet_paisa / PAISA_PER_RUPEE,
        points=line.points,
        status=in_upper_case(line.status),
        balance_before=record.wallet_before_paisa / PAISA_PER_RUPEE,
        balance_after=posting.wallet_after_paisa / PAISA_PER_RUPEE,
        reference=posting.ref,
        created_at=time_text(posting.at),
        description=line_text(posting.kind, line.kind).render(language),
    )
