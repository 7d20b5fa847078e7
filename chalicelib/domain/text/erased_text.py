"""The text in place of what a person wrote, in a row that outlives the deleted account."""

ERASED = "erased"
