"""Answers of DynamoDB that hold less than was asked for, in a block of code."""

from collections.abc import Iterator
from contextlib import contextmanager

from infra.local.aws.short_answers import ShortAnswers, ShortEach

OFTEN = ShortEach(empty_page=2, short_page=2, unprocessed=2, unwritten=2)


@contextmanager
def short_answers(each: ShortEach = OFTEN) -> Iterator[ShortAnswers]:
    """Inside the block every Nth call is answered with less. Yields the counts of the calls."""
    answers = ShortAnswers(each)
    answers.start()
    try:
        yield answers
    finally:
        answers.stop()
