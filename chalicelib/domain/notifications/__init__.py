"""Notifications and pushes to customers, alerts to operators.

`broadcast`, `notification`, `notification_kinds`, `notification_templates`, `notification_texts`, `operator_alert`,
`profile_reminder`, `provider_failures`, `push_delivery`, `quiet_hours`.
"""
