"""What the SMS and the email with a one-time code say.

The code comes first, so that a locked screen shows it and phones offer to fill it in.
"""

from typing import NamedTuple

from chalicelib.domain.text.texts import Text

SMS = Text(
    "{code} is your Bijuli code. It works for {minutes} minutes. Never share it, not even with us.",
    "{code} तपाईंको Bijuli कोड हो। {minutes} मिनेट चल्छ। कसैलाई नदिनुहोस्।",
)
"""At most 160 GSM-7 characters in English and 70 UCS-2 characters in Nepali: one segment."""
MAIL_SUBJECT = Text("Your Bijuli code", "तपाईंको Bijuli कोड")
MAIL = Text(
    "{code} is your Bijuli code. It works for {minutes} minutes.\n\n"
    "If you did not ask for it, you can ignore this email. Never share the code, not even with us.",
    "{code} तपाईंको Bijuli कोड हो। यो {minutes} मिनेट चल्छ।\n\n"
    "तपाईंले माग्नुभएको होइन भने केही गर्नु पर्दैन। यो कोड कसैलाई नदिनुहोस्, हामीलाई पनि होइन।",
)


class CodeMessage(NamedTuple):
    """The texts for one code in one language."""

    sms: str
    mail_subject: str
    mail: str


def code_message(code: str, language: str, ttl_seconds: int) -> CodeMessage:
    """The code keeps Latin digits, since people type it."""
    values = {"code": code, "minutes": max(1, ttl_seconds // 60)}
    return CodeMessage(
        SMS.render(language, values), MAIL_SUBJECT.render(language, values), MAIL.render(language, values)
    )
