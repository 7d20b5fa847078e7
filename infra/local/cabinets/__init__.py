"""Simulated cabinets, the Alibaba IoT platform and its MNS queue.

* Cabinets: `fleet`, `cabinet`, `hardware`, `delayed_actions`, `call_names`, `commands`, `behaviour`, `false_reports`
* What they send: `frames`, `uplink`, `http_calls`
* The platform: `iot_server`, `iot_errors`, `iot_signatures`
* Its queue: `mns_queue`, `mns_server`, `mns_xml`
"""
