"""Takes in customers' issues with stations and with rentals."""
