"""Compares all stored rows with the rules that they must obey. The audit repairs nothing."""
