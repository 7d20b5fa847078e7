"""A gateway's day held against ours."""
