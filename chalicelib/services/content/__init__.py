"""What the app shows before sign-in: releases, banners, rental packages, pages and questions.

* Read: `app_info`, `packages`, `pages`
* Written by operators: `page_admin`, `faq_admin`, `package_admin`, `editing`
"""
