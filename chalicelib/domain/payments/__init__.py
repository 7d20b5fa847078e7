"""Payment gateways: top-ups, refunds, reversals and reconciliation.

`gateway_values`, `order_reference`, `payment_gateway`, `reconciliation`, `reconciliation_line`, `refund`,
`refund_method`, `refund_totals`, `reversal`, `reversal_amounts`, `topup_failure`, `topup_intent`, `transaction_id`.
"""
