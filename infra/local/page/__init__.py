"""The pages that the sandbox serves to a browser.

`api_page`, `chromium`, `front_page`, `html_pages`, `languages`, `return_page`.
"""
