"""What operators read about a command that a cabinet answered."""

from collections.abc import Mapping

from chalicelib.domain.cabinets.remote_command import CommandKind
from chalicelib.domain.text.texts import Text

COMMAND_TEXTS: Mapping[CommandKind, Text] = {
    CommandKind.CHECK: Text("The station reported its slots.", "स्टेसनले स्लटहरूको अवस्था पठायो।"),
    CommandKind.EJECT: Text("The power bank came out.", "पावर बैंक निस्कियो।"),
    CommandKind.REBOOT: Text("The station is restarting.", "स्टेसन फेरि सुरु हुँदै छ।"),
    CommandKind.VOLUME: Text(
        "The station received the volume, and is online.", "स्टेसनले आवाजको मात्रा पायो, र अनलाइन छ।"
    ),
    CommandKind.MODE: Text("The station received the mode, and is online.", "स्टेसनले मोड पायो, र अनलाइन छ।"),
    CommandKind.WIFI_SCAN: Text("The station listed its WiFi networks.", "स्टेसनले वाइफाइहरूको सूची पठायो।"),
    CommandKind.WIFI_CONNECT: Text(
        "The station received the WiFi network, and is online.", "स्टेसनले वाइफाइको विवरण पायो, र अनलाइन छ।"
    ),
}
"""A cabinet does not confirm volume, mode and WiFi. Its answer to the check after them proves that it got them."""
