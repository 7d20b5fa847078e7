"""The doors: one file per endpoint group; parse, one service verb, answer."""
