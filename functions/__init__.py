"""Handlers, one file per group of endpoints: each calls one verb and makes its response.

`customer`, `admin`, `webhooks` and `cabinets` hold routes, which `blueprints` lists; `consumers` and `schedules` hold
the other functions. `routing`, `schemas`, `params`, `tags` and `timeline_schema` are what route files share.
"""
