"""Handles what cabinets report, watches for silent ones, and lets operators manage stations and power banks.

* Messages of cabinets: `polling`, `inbound`, `heartbeats`, `liveness`, `http_calls`, `http_reports`
* Slots: `snapshots`, `received_snapshot`, `missing_powerbanks`, `two_places`, `unreadable_powerbanks`
* Operators: `station_admin`, `station_lists`, `powerbank_admin`, `remote_commands`, `operator_ejects`
"""
