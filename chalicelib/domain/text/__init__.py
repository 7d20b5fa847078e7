"""Texts and values: bilingual texts, amounts, times, days, ids, and how people type and search.

`blank_text`, `clock_text`, `days`, `digits`, `erased_text`, `grouped_digits`, `ids`, `money`, `nested_json`,
`search_text`, `text_blocks`, `texts`, `time_text`, `typed_code`.
"""
