"""The words of the pay pages that all gateways share, in both languages."""

from chalicelib.domain.text.texts import Text

CITY = Text("the city", "सहर")
NO_PAYMENT = Text("There is no such payment.", "यस्तो भुक्तानी छैन।")
CUSTOMER = Text("What the customer does", "ग्राहकले के गर्छ")
AFTER_PAYMENT = Text("What happens to the paid amount", "तिरेको रकमलाई के हुन्छ")
NO_OUTCOME = Text("There is no such outcome.", "यस्तो परिणाम छैन।")
NO_ACTION = Text("There is no such action.", "यस्तो काम छैन।")
REFUSED = Text("This can't be done.", "यो गर्न मिल्दैन।")
ALREADY_ENDED = Text("The payment is {state} already.", "भुक्तानी पहिल्यै {state} भइसकेको छ।")
AMOUNT, PAID, GIVEN_BACK = Text("Amount", "रकम"), Text("Paid", "तिरेको"), Text("Given back", "फिर्ता गरेको")
STATE, EXPIRES = Text("State", "अवस्था"), Text("Expires", "समय सकिने")
ORDER, REFERENCE = Text("Order", "अर्डर"), Text("Reference", "सन्दर्भ")
CALLBACK = Text("{gateway} tells the service", "{gateway} ले सेवालाई खबर गर्छ")
NOT_REAL = Text(
    "No money moves here. {gateway}'s real page looks different.",
    "यहाँ साँचो रकम चल्दैन। {gateway} को वास्तविक पृष्ठ यस्तो हुँदैन।",
)
SANDBOX = Text("{gateway} (sandbox)", "{gateway} (स्यान्डबक्स)")
MINUTES_LEFT = Text("in {minutes} min", "{minutes} मिनेटमा")
LESS_THAN_A_MINUTE, TIME_OVER = Text("in less than a minute", "एक मिनेटभित्र"), Text("over", "सकियो")
