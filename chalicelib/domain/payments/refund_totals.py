"""How much of one transaction has been refunded. It keeps refunds from exceeding the payment."""

from dataclasses import dataclass, replace

from chalicelib.domain.problems.problems import Problem


@dataclass(frozen=True)
class RefundAmount:
    """The paisa and points of a refund. The points of a top-up are taken, those of a rental are given back."""

    paisa: int
    points: int


@dataclass(frozen=True)
class RefundTotals:
    """What has been refunded of one transaction, and its open request.

    Every request and decision saves the totals under their version. So two requests are never open together, and two
    refunds never exceed the payment.
    """

    user_id: str
    seq: int
    refunded_paisa: int = 0
    refunded_points: int = 0
    paid_out_paisa: int = 0
    """The part that the gateway has paid. What an operator paid by hand is not counted."""
    open_refund_id: str | None = None
    version: int = 0

    def with_open_request(self, refund_id: str) -> "RefundTotals":
        """Raises Problem("refund_open") when another request waits."""
        if self.open_refund_id is not None:
            raise Problem("refund_open", refund_id=self.open_refund_id)
        return replace(self, open_refund_id=refund_id)

    def add(self, amount: RefundAmount) -> "RefundTotals":
        """`amount` more is refunded."""
        return replace(
            self,
            refunded_paisa=self.refunded_paisa + amount.paisa,
            refunded_points=self.refunded_points + amount.points,
        )

    def subtract(self, amount: RefundAmount) -> "RefundTotals":
        """`amount` was not refunded after all."""
        return self.add(RefundAmount(-amount.paisa, -amount.points))

    def mark_paid_out(self, amount: RefundAmount) -> "RefundTotals":
        """The gateway has paid `amount` to the customer."""
        return replace(self, paid_out_paisa=self.paid_out_paisa + amount.paisa)

    def without_open_request(self) -> "RefundTotals":
        """No request is open."""
        return replace(self, open_refund_id=None)
