"""The rules: pure, standard library only, no clock."""
