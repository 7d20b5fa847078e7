"""Handles what cabinets report, watches for silent ones, and lets operators manage stations and power banks."""
