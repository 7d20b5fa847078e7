"""What keeps the service running: alarms, the audit, retries, idempotency keys, dead letters.

`alarm_kinds`, `alarms`, `audit`, `backoff`, `block_value`, `dead_letter`, `idempotency`, `message_errors`,
`round_robin`.
"""
