"""Settings that operators change, their bounds, and the registry of payment gateways.

`gateway_registry`, `setting_bounds`, `settings`.
"""
