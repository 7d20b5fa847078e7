"""The sandbox: the whole service and every company that it calls, on one machine.

* Start and control: `__main__`, `command_line`, `terminal_log`, `sandbox`, `environment`, `addresses`, `answering`,
  `processes`, `serving`, `marked_calls`, `simulation`, `delayed_calls`, `control`, `control_cabinets`,
  `control_clock`, `control_faults`, `control_requests`, `drain`, `planted_violations`, `violation_kinds`,
  `violation_changes`, `many_rows`
* Kept data and snapshots: `traffic`, `visiting_inbox`, `sandbox_state`, `kept_parts`, `table_rows`,
  `snapshot_files`, `snapshots`, `control_snapshots`, `keeping`, `keeper`, `data_directory`
* What happened: `event_feed`, `control_feed`, `front_page`, `api_page`, `storage_watch`, `watched_functions`,
  `cabinet_words`, `callbacks`, `control_records`, `control_queues`, `control_help`, `html_pages`, `return_page`,
  `dead_letters`
* AWS: `aws_account`, `iam`, `cloud`, `moto_server`, `dynoxide`, `moto_isolation`, `moto_content`, `storage_faults`,
  `short_answers`, `lambdas`, `invocation`, `queue_poller`, `queue_pollers`, `visibility`, `schedule_runner`,
  `api_server`, `log_group`
* Cabinets and their platform: `hardware`, `demo_stations`, `cabinets`, `cabinet`, `cabinet_calls`, `cabinet_frames`,
  `cabinet_commands`, `cabinet_false_reports`, `cabinet_uplink`, `cabinet_http`, `cabinet_behaviour`, `iot_server`,
  `iot_errors`, `iot_signatures`, `mns_queue`, `mns_server`, `mns_xml`
* Payment gateways: `payment_book`, `payment_outcomes`, `pay_pages`, `late_returns`, `khalti`, `esewa`, `stripe`,
  `stripe_checkout`, `stripe_payments`, `stripe_refunds`, `stripe_objects`, `stripe_dashboard`, `stripe_events`,
  `stripe_wire`
* Other companies: `companies`, `company_faults`, `dead_connections`, `cloudinary`, `fcm`, `ses`, `sparrow`,
  `sent_messages`
* Content and scenario: `seed`, `always_paid_gateway`, `seed_content`, `seed_pages`, `seed_faq`, `images`,
  `scenario`, `scenario_stations`, `scenario_operator`, `scenario_cabinets`, `first_rental`, `customer`, `client`,
  `strangers`
* A browser for tests and pictures: `chromium`, `screenshots`
"""
