"""Writes amounts of paisa as rupees."""

PAISA_PER_RUPEE = 100
MAX_PAISA = 10**12
"""The largest amount that is believed: ten thousand million rupees."""


def money_text(paisa: int) -> str:
    """Rupees with two decimals: 12000 is `120.00`, -50 is `-0.50`."""
    rupees, rest = divmod(abs(paisa), PAISA_PER_RUPEE)
    return f"{'-' if paisa < 0 else ''}{rupees}.{rest:02d}"


def short_money_text(paisa: int) -> str:
    """Rupees without decimals where they are whole: 11000 is `110`, 11050 is `110.50`."""
    return money_text(paisa).removesuffix(".00")


def grouped_money_text(paisa: int) -> str:
    """Rupees as people write them in Nepal: 12345650 is `1,23,456.50`, 10000000 is `1,00,000`."""
    whole, point, part = short_money_text(abs(paisa)).partition(".")
    head, tail = whole[:-3], whole[-3:]
    pairs = [head[max(end - 2, 0) : end] for end in range(len(head), 0, -2)]
    return f"{'-' if paisa < 0 else ''}{','.join([*reversed(pairs), tail])}{point}{part}"
