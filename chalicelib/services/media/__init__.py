"""Files at the media store."""
