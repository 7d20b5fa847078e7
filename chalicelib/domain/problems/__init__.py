"""Errors that callers read, with their codes and their texts in both languages.

`illegal_move`, `problem_codes`, `problem_reasons`, `problem_texts`, `problems`, `validation_codes`,
`validation_messages`, `validation_texts`.
"""
