"""What happened, in one order: requests, calls, frames, postings and runs.

`backlog`, `cabinet_words`, `event_feed`, `storage_watch`, `terminal_log`, `watched_functions`.
"""
