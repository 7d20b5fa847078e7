"""Encodes the commands for cabinets, and decodes the frames that cabinets send.

`commands`; `envelope` (the platform's message around a frame), `frames` (decodes one), `frame_parts`, `snapshot`,
`events`; `description` (a frame as JSON for the event log).
"""
