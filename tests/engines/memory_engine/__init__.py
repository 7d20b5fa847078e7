"""DynamoDB's rules for items, expressions, queries and transactions, in this process and on plain dicts.

`values`: attribute values. `expressions` reads the text of an expression; `conditions` and `updates` give it its
meaning. `stored_rows` and `table` hold the items. `writes`, `transactions` and `pages` (queries and scans) are the
operations, and `requests` is what they have in common. `engine` calls them by name. `engine_errors`: refusals.
"""
