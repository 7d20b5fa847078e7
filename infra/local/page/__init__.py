"""The pages that the sandbox serves to a browser.

`api_page`, `chromium`, `front_page`, `html_pages`, `return_page`.
"""
