"""The codec of what cabinets send and of the commands they take."""
