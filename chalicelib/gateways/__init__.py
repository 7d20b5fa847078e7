"""The outside: one vendor a file, and no decisions.

* Payments: `khalti`, `esewa`, `stripe`, `stripe_client`, `stripe_answers`, `stripe_events`, `callback_parsing`,
  `status_text`
* Cabinets: `alibaba_iot`, `alibaba_iot_signature`, `mns`
* Messages: `sparrow`, `ses`, `fcm`, `sqs`, `sqs_dead_letters`
* Logs: `cloudwatch_logs`
* Media and HTML: `cloudinary`, `pillow`, `nh3`
* Cryptography: `kms`, `jwt_tokens`, `keyed_digests`
* Connections: `http_client`, `new_connections`, `body_limit`, `aws_session`, `aws_answers`, `malformed_answers`,
  `aws_new_connections`, `aws_time_left`, `tls`, `hidden_import`
"""
