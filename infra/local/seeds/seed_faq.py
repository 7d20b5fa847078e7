"""The frequently asked questions of a fresh sandbox, in English and Nepali."""

from chalicelib.domain.content.content import FaqEntry
from infra.local.seeds.seed_pages import WRITTEN_AT

QUESTIONS = (
    (
        "how-to-rent",
        "How do I rent a power bank?",
        "पावर बैंक कसरी लिने?",
        "<p>Complete your profile and send a photo of your citizenship certificate. Once it is approved, scan the"
        " code of a station, choose a package and take the power bank from the slot that opens.</p>",
        "<p>प्रोफाइल पूरा गर्नुहोस् र नागरिकताको फोटो पठाउनुहोस्। स्वीकृत भएपछि स्टेसनको कोड स्क्यान गर्नुहोस्, प्याकेज"
        " छान्नुहोस् र खुलेको स्लटबाट पावर बैंक लिनुहोस्।</p>",
    ),
    (
        "where-to-return",
        "Where can I return it?",
        "कहाँ फिर्ता गर्ने?",
        "<p>At any station with a free slot. Push the power bank in until it clicks. The app tells you when it is"
        " returned.</p>",
        "<p>खाली स्लट भएको जुनसुकै स्टेसनमा। टक्क आवाज नआउन्जेल पावर बैंक भित्र घुसार्नुहोस्। फिर्ता भएपछि एपमा खबर आउँछ।</p>",
    ),
    (
        "not-out",
        "I paid, but no power bank came out. What now?",
        "रकम तिरेँ तर पावर बैंक निस्किएन। अब के गर्ने?",
        "<p>Nothing is charged when no power bank comes out. The money is back in your wallet within 10 minutes."
        " Please try again or go to another station.</p>",
        "<p>पावर बैंक निस्किएन भने कुनै रकम काटिँदैन। रकम १० मिनेटभित्र वालेटमा फर्किन्छ। फेरि प्रयास गर्नुहोस् वा अर्को"
        " स्टेसनमा जानुहोस्।</p>",
    ),
    (
        "late",
        "What happens if I am late?",
        "ढिलो भयो भने के हुन्छ?",
        "<p>2 minutes after the return time a late fee begins. Each minute costs twice the price of a minute in your"
        " package, at most Rs. 100 for each 24 hours. You can add time in the app before the return time passes.</p>",
        "<p>फिर्ता गर्ने समय सकिएको २ मिनेटपछि ढिलाइ शुल्क सुरु हुन्छ। हरेक मिनेटको शुल्क प्याकेजको एक मिनेटको मूल्यको"
        " दोब्बर हो, हरेक २४ घण्टामा बढीमा रु. १००। समय नसकिँदै एपबाट समय थप्न मिल्छ।</p>",
    ),
    (
        "lost",
        "I lost the power bank. What do I pay?",
        "पावर बैंक हरायो। कति तिर्ने?",
        "<p>A power bank that is 24 hours late costs Rs. 5,000. If you find it and return it, you pay the late fee"
        " only.</p>",
        "<p>२४ घण्टा ढिलो भएको पावर बैंकको रु. ५,००० तिर्नुपर्छ। भेटेर फिर्ता गर्नुभयो भने ढिलाइ शुल्क मात्र लाग्छ।</p>",
    ),
    (
        "top-up-missing",
        "I topped up, but the money is not in my wallet.",
        "टप-अप गरेँ तर रकम वालेटमा आएन।",
        "<p>We ask Khalti, eSewa or Stripe again by ourselves. If they have your money, it is added to your wallet."
        " This can take some minutes. You don't have to pay again.</p>",
        "<p>हामी आफैँ Khalti, eSewa वा Stripe सँग फेरि सोध्छौँ। रकम त्यहाँ पुगेको भए वालेटमा थपिन्छ। केही मिनेट लाग्न"
        " सक्छ। फेरि तिर्नु पर्दैन।</p>",
    ),
    (
        "points",
        "What are points good for?",
        "पोइन्टले के हुन्छ?",
        "<p>10 points are worth Rs. 1 when you rent. You get points when you create an account, top up, rent, return"
        " on time and bring friends.</p>",
        "<p>पावर बैंक लिँदा १० पोइन्ट रु. १ बराबर हुन्छ। खाता खोल्दा, टप-अप गर्दा, पावर बैंक लिँदा, समयमै फिर्ता गर्दा र"
        " साथी ल्याउँदा पोइन्ट पाइन्छ।</p>",
    ),
    (
        "broken",
        "The power bank does not charge my phone.",
        "पावर बैंकले फोन चार्ज गरेन।",
        "<p>Put it back in the same station in the first 5 minutes and change it in the app. Later, tell us in the"
        " app what is wrong with it.</p>",
        "<p>पहिलो ५ मिनेटभित्र त्यही स्टेसनमा राख्नुहोस् र एपबाट साट्नुहोस्। त्यसपछि भए के समस्या छ, एपबाट खबर गर्नुहोस्।</p>",
    ),
    (
        "delete",
        "How do I delete my account?",
        "खाता कसरी मेटाउने?",
        "<p>Return the power bank, pay what is due and use what is in your wallet or ask for a refund. Then delete"
        " the account in your profile.</p>",
        "<p>पावर बैंक फिर्ता गर्नुहोस्, तिर्न बाँकी रकम तिर्नुहोस् र वालेटको रकम चलाउनुहोस् वा रकम फिर्ता माग्नुहोस्।"
        " अनि प्रोफाइलबाट खाता मेटाउनुहोस्।</p>",
    ),
)
FAQ_ENTRIES = tuple(
    FaqEntry(entry_id, question, question_ne, answer, answer_ne, order, WRITTEN_AT)
    for order, (entry_id, question, question_ne, answer, answer_ne) in enumerate(QUESTIONS, start=1)
)
