"""Snapshots of the whole sandbox, and the directory that keeps it between runs.

`activity_gate`, `autosave`, `data_directory`, `files`, `gated_inbox`, `moto_content`, `parts`, `persistence`,
`sandbox_state`, `snapshots`, `table_rows`.
"""
