"""Writes amounts of paisa as rupees."""

PAISA_PER_RUPEE = 100


def money_text(paisa: int) -> str:
    """Rupees with two decimals: 12000 is `120.00`, -50 is `-0.50`."""
    rupees, rest = divmod(abs(paisa), PAISA_PER_RUPEE)
    return f"{'-' if paisa < 0 else ''}{rupees}.{rest:02d}"


def short_money_text(paisa: int) -> str:
    """Rupees without decimals where they are whole: 11000 is `110`, 11050 is `110.50`."""
    return money_text(paisa).removesuffix(".00")
