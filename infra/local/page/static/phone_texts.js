// The phone's own texts in both languages. Messages of the service come from the service.
import { state } from "./store.js";

const EN = {
  phone: "Phone", number: "Phone number", newNumber: "New number", demo: "Demo customer", send: "Send code", code: "Code from the SMS",
  useCode: "Use code", verify: "Continue", username: "User name", register: "Register", signOut: "Sign out", points: "points", due: "due",
  profile: "Profile", name: "Full name", birth: "Date of birth", address: "Address", save: "Save", papers: "Citizenship certificate", certificate: "Certificate number",
  picture: "A drawn picture is sent with it.", submit: "Send papers", waiting: "An operator reviews your papers (tab Operator).", rejected: "Rejected:", topup: "Top up",
  amount: "Amount", payPage: "Open the pay page", rent: "Rent", station: "Station", package: "Package", scan: "Scan", rental: "Rental", returnAt: "Return at", via: "Reported by", giveBack: "Return",
  extend: "Extend", payDue: "Pay due", lateFee: "late fee", dueAt: "due", power: "power bank", verifyTopup: "Check payment", refund: "Ask for a refund", last: "Last rental",
};
const NE = {
  phone: "फोन", number: "फोन नम्बर", newNumber: "नयाँ नम्बर", demo: "डेमो ग्राहक", send: "कोड पठाउनुहोस्", code: "SMS मा आएको कोड",
  useCode: "कोड राख्नुहोस्", verify: "अगाडि बढ्नुहोस्", username: "प्रयोगकर्ता नाम", register: "दर्ता गर्नुहोस्", signOut: "साइन आउट", points: "अंक", due: "तिर्न बाँकी",
  profile: "प्रोफाइल", name: "पूरा नाम", birth: "जन्म मिति", address: "ठेगाना", save: "सुरक्षित गर्नुहोस्", papers: "नागरिकता प्रमाणपत्र", certificate: "प्रमाणपत्र नम्बर",
  picture: "यससँग कोरिएको चित्र पठाइन्छ।", submit: "कागजात पठाउनुहोस्", waiting: "तपाईंको कागजात जाँच हुँदैछ (Operator ट्याब)।", rejected: "अस्वीकृत:", topup: "रकम थप्नुहोस्",
  amount: "रकम", payPage: "भुक्तानी पृष्ठ खोल्नुहोस्", rent: "भाडामा लिनुहोस्", station: "स्टेसन", package: "प्याकेज", scan: "स्क्यान", rental: "भाडा", returnAt: "फिर्ता गर्ने ठाउँ", via: "खबर गर्ने तरिका", giveBack: "फिर्ता गर्नुहोस्",
  extend: "समय थप्नुहोस्", payDue: "बाँकी तिर्नुहोस्", lateFee: "ढिलाइ शुल्क", dueAt: "फिर्ता गर्ने समय", power: "पावर बैंक", verifyTopup: "भुक्तानी जाँच्नुहोस्", refund: "रकम फिर्ता माग्नुहोस्", last: "पछिल्लो भाडा",
};
export const WORDS = { en: EN, ne: NE };

export function word(key) {
  return (state.phone.language === "ne" ? NE : EN)[key];
}
