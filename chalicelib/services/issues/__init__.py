"""Takes in customers' reports of problems at stations and with rentals."""
