"""AWS on this machine: the tables' engine, queues, functions, policies and logs.

* The account and its services: `aws_account`, `cloud`, `moto_server`, `moto_isolation`, `iam`, `log_group`
* Functions: `api_server`, `lambdas`, `invocation`, `marked_calls`, `queue_poller`, `queue_pollers`, `queue_counts`,
  `visibility`, `schedule_runner`, `refused_addresses`
* What AWS does and no local engine shows: `storage_faults`, `short_answers`, `table_client`
* The way to an engine: `engine_connections`, `engine_transport`
"""
