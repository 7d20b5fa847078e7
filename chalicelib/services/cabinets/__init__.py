"""Handles what cabinets report, and watches for cabinets that report nothing."""
