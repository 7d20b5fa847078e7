"""The only layer that knows Chalice: it turns requests and queue messages into calls, and results into responses.

* Routes: `routes`, `route_decorators`, `handler_binding`, `context`, `public_routes`, `middleware`, `cors`,
  `api_gateway_app`
* Requests: `authentication`, `body_decoding`, `multipart_form`, `request_parsing`, `text_conversion`, `models`,
  `field_errors`
* Responses: `responses`, `rendering`, `formats`, `language`, `pagination`, `csv_files`
* Queue messages and schedules: `sqs_batch`, `scheduled_functions`
"""
