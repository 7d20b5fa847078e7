"""Takes users' files in, protects those in use, and deletes the others at the media store."""
