"""Content of the app: pages, banners and releases.

`app_release`, `banner`, `content`, `web_link`.
"""
