"""Infrastructure: tables, queues, policies and alarms for AWS, and the sandbox that simulates AWS.

* The stack: `template`, `synthesis`, `package`, `tables`, `queues`, `policy`, `grants`, `alarms`,
  `api_gateway_responses`, `camel_case`
* Documents: `openapi`, `runbook`
* Programs: `first_operator`, `local` (the sandbox)
"""
