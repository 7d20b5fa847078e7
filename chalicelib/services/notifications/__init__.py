"""Stores notifications for the app, and pushes them to the users' devices.

`inbox` lists what a user received, `push` sends it to the devices that `devices` registers,
through `push_provider`.
Broadcasts of operators are stored once (`broadcast_sending`), kept in memory (`broadcast_feed`), merged into lists
(`inbox`) and pushed in chunks (`broadcast_push`).
"""
