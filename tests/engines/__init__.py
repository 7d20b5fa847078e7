"""The tables under test: engines, their memory between tests, their faults, and counts of their calls.

`connection_count`, `counting`, `dynoxide_tables`, `fault_injection`, `faults`, `function_rights`, `interleaving`,
`json_engine`, `lost_answers`, `memory_tables`, `remembered_reads`, `remembered_set_up`, `rights_of_run`,
`short_answers`, `stopwatch`, `storage_conflicts`, `table_versions`.
"""
