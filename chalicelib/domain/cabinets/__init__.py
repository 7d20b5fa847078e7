"""Power banks and cabinets: custody, slots, the binary protocol, commands.

* Power banks: `powerbank`, `powerbank_service`, `service_state`, `powerbank_suspicion`, `powerbank_choice`,
  `custody`, `eject_answer`
* Cabinets and slots: `cabinet`, `slot`, `slot_reports`, `slot_faults`, `cabinet_outage`, `device_time`
* What they say: `cabinet_protocol`, `cabinet_http`, `event_log`
* Commands to them: `remote_command`, `command_texts`, `operator_eject`
"""
