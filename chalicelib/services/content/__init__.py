"""What the app shows before anybody signs in."""
