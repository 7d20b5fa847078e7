"""Names of the delayed calls of cabinets, and after how many seconds of the vendor a cabinet acts."""

FRAME, OPEN, SNAPSHOT, STATUS = "send a frame", "open a slot", "send a snapshot", "send a status"
"""Each with the IMEI and: the frame's hex and topic; the slot's number; nothing; whether it is online."""
RETURN, HTTP_RETURN = "report a return", "report a return by HTTP"
"""Each with the IMEI and: the slot's number and the frame's hex; the serial number and the slot's number."""
FLUSH, HEARTBEAT, REPORT = "send delayed messages", "heartbeat", "report an outage"
"""Each with the IMEI."""
OPENS_SECONDS, ANSWERS_SECONDS, LISTED_AFTER_EJECT_SECONDS, RESTARTS_SECONDS = 1.0, 1.5, 3.0, 4.0
