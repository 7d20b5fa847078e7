"""Snapshots of the whole sandbox, and the directory that keeps it between runs.

`autosave`, `data_directory`, `files`, `moto_content`, `parts`, `persistence`, `sandbox_state`, `snapshots`,
`table_rows`, `traffic`, `visiting_inbox`.
"""
