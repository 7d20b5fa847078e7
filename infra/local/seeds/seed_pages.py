"""The pages of a fresh sandbox, in English and Nepali: terms, privacy, about, contact and app updates."""

from datetime import UTC, datetime

from chalicelib.domain.content.content import ContentPage

WRITTEN_AT = datetime(2026, 11, 1, tzinfo=UTC)
TERMS = (
    "<p>These terms apply when you use the Bijuli app and rent a power bank in Nepal.</p>"
    "<h2>Your account</h2>"
    "<ul><li>You need a phone number or an email address of your own, a complete profile and your citizenship"
    " certificate. One certificate opens one account.</li>"
    "<li>Keep your codes to yourself. We never ask for them by phone.</li></ul>"
    "<h2>Renting</h2>"
    "<ul><li>Scan the code of a station, choose a package and take the power bank from the slot that opens.</li>"
    "<li>With a prepaid package you pay before the power bank comes out. If it does not come out, nothing is"
    " charged.</li>"
    "<li>With Pay as you go you pay after you return it. A started hour counts as a full one.</li>"
    "<li>You can return the power bank to any station of ours, day or night.</li>"
    "<li>You can add time up to 3 times, as long as the return time has not passed.</li></ul>"
    "<h2>Cancelling</h2>"
    "<p>You can cancel in the first 5 minutes. Put the power bank back first. You get back everything that you"
    " paid.</p>"
    "<h2>Late and lost power banks</h2>"
    "<ul><li>After the return time you have 2 more minutes. Then a late fee is added: each minute costs twice the"
    " price of a minute in your package, at most Rs. 100 for each 24 hours.</li>"
    "<li>A power bank that is 24 hours late counts as lost, and Rs. 5,000 is due. If you return it later, you pay"
    " the late fee only.</li>"
    "<li>You can't rent again while an amount is due.</li></ul>"
    "<h2>Wallet and points</h2>"
    "<ul><li>Money in your wallet is for rentals. It can't be sent to somebody else.</li>"
    "<li>You can ask for a refund of a top-up that you have not spent.</li>"
    "<li>10 points are worth Rs. 1. Points can't be turned into cash.</li></ul>"
    "<h2>Use it with care</h2>"
    "<p>Keep the power bank dry, do not open it and do not throw it away. If it is damaged or hot, stop using it and"
    " tell us in the app.</p>"
    "<h2>Blocked accounts</h2>"
    "<p>We may block an account that is used for fraud or that damages stations. Contact us if you think that this"
    " is a mistake.</p>"
)
TERMS_NE = (
    "<p>Bijuli एप चलाउँदा र नेपालमा पावर बैंक लिँदा यी सर्त लागू हुन्छन्।</p>"
    "<h2>तपाईंको खाता</h2>"
    "<ul><li>आफ्नै फोन नम्बर वा इमेल, पूरा प्रोफाइल र नागरिकता प्रमाणपत्र चाहिन्छ। एउटा नागरिकताले एउटै खाता"
    " खुल्छ।</li>"
    "<li>आफ्नो कोड कसैलाई नदिनुहोस्। हामी फोन गरेर कोड माग्दैनौँ।</li></ul>"
    "<h2>पावर बैंक लिँदा</h2>"
    "<ul><li>स्टेसनको कोड स्क्यान गर्नुहोस्, प्याकेज छान्नुहोस् र खुलेको स्लटबाट पावर बैंक लिनुहोस्।</li>"
    "<li>अगाडि नै तिर्ने प्याकेजमा पावर बैंक निस्किनुअघि रकम तिर्नुपर्छ। पावर बैंक निस्किएन भने कुनै रकम"
    " काटिँदैन।</li>"
    "<li>चलाएजति तिर्ने प्याकेजमा फिर्ता गरेपछि रकम तिर्नुहोस्। सुरु भएको घण्टा पूरै गनिन्छ।</li>"
    "<li>पावर बैंक दिन होस् वा राति, हाम्रो जुनसुकै स्टेसनमा फिर्ता गर्न मिल्छ।</li>"
    "<li>फिर्ता गर्ने समय नसकिँदासम्म बढीमा ३ पटक समय थप्न मिल्छ।</li></ul>"
    "<h2>रद्द गर्दा</h2>"
    "<p>पहिलो ५ मिनेटभित्र रद्द गर्न मिल्छ। पहिले पावर बैंक स्टेसनमा राख्नुहोस्। तिरेको रकम सबै तपाईंको खातामा"
    " फर्किन्छ।</p>"
    "<h2>ढिलो भएको वा हराएको पावर बैंक</h2>"
    "<ul><li>फिर्ता गर्ने समयपछि थप २ मिनेट पाउनुहुन्छ। त्यसपछि ढिलाइ शुल्क लाग्छ: हरेक मिनेटको शुल्क प्याकेजको एक"
    " मिनेटको मूल्यको दोब्बर हो, हरेक २४ घण्टामा बढीमा रु. १००।</li>"
    "<li>२४ घण्टा ढिलो भएको पावर बैंक हराएको मानिन्छ र रु. ५,००० तिर्नुपर्छ। पछि फिर्ता गरे ढिलाइ शुल्क मात्र"
    " लाग्छ।</li>"
    "<li>तिर्न बाँकी रकम हुँदा फेरि पावर बैंक लिन मिल्दैन।</li></ul>"
    "<h2>वालेट र पोइन्ट</h2>"
    "<ul><li>वालेटको रकम पावर बैंक लिनका लागि हो। अरूलाई पठाउन मिल्दैन।</li>"
    "<li>खर्च नगरेको टप-अपको रकम फिर्ता माग्न मिल्छ।</li>"
    "<li>१० पोइन्टको मूल्य रु. १ हो। पोइन्ट नगदमा साट्न मिल्दैन।</li></ul>"
    "<h2>जतन गरेर चलाउनुहोस्</h2>"
    "<p>पावर बैंक नभिजाउनुहोस्, नखोल्नुहोस् र जथाभाबी नफाल्नुहोस्। बिग्रिए वा धेरै तातिए चलाउन छोड्नुहोस् र एपबाट खबर"
    " गर्नुहोस्।</p>"
    "<h2>रोकिएको खाता</h2>"
    "<p>ठगी गर्ने वा स्टेसन बिगार्ने खाता हामी रोक्न सक्छौँ। गल्तीले रोकियो जस्तो लागे हामीलाई सम्पर्क"
    " गर्नुहोस्।</p>"
)
PRIVACY = (
    "<p>This page says what we keep about you, why, and how long.</p>"
    "<h2>What we keep</h2>"
    "<ul><li><strong>Your profile:</strong> name, date of birth, address, phone number, email.</li>"
    "<li><strong>Your identity:</strong> the number and photos of your citizenship certificate. Only the staff who"
    " check them can open the photos, and every look is recorded.</li>"
    "<li><strong>Your rentals and payments:</strong> which station, when, and how much.</li>"
    "<li><strong>Your location:</strong> only while you have a power bank, and for 30 days.</li></ul>"
    "<h2>Why</h2>"
    "<p>We need it to rent power banks to you, to find them again, to handle payments, and because the law asks for"
    " it. We do not sell it.</p>"
    "<h2>Who else sees it</h2>"
    "<p>Khalti, eSewa and Stripe handle payments. Other companies send our messages and store photos. They get only"
    " what they need for that.</p>"
    "<h2>Deleting your account</h2>"
    "<p>You can delete your account in the app, once nothing is rented and nothing is due. We then delete your"
    " profile and the photos of your documents. Records of payments stay, without your name.</p>"
    "<h2>Questions</h2>"
    '<p>Write to <a href="mailto:privacy@example.com">privacy@example.com</a>.</p>'
)
PRIVACY_NE = (
    "<p>हामी तपाईंको कुन विवरण, किन र कति समय राख्छौँ, यहाँ लेखिएको छ।</p>"
    "<h2>के राख्छौँ</h2>"
    "<ul><li><strong>प्रोफाइल:</strong> नाम, जन्म मिति, ठेगाना, फोन नम्बर, इमेल।</li>"
    "<li><strong>पहिचान:</strong> नागरिकता प्रमाणपत्रको नम्बर र फोटो। फोटो जाँच्ने कर्मचारीले मात्र हेर्न सक्छन् र"
    " हरेक पटक हेरेको रेकर्ड रहन्छ।</li>"
    "<li><strong>भाडा र भुक्तानी:</strong> कुन स्टेसन, कहिले र कति रकम।</li>"
    "<li><strong>स्थान:</strong> पावर बैंक तपाईंसँग हुँदा मात्र, ३० दिनसम्म।</li></ul>"
    "<h2>किन</h2>"
    "<p>पावर बैंक दिन, फेरि भेट्टाउन, भुक्तानी मिलाउन र कानुनले भनेको पूरा गर्न यो चाहिन्छ। हामी तपाईंको विवरण"
    " बेच्दैनौँ।</p>"
    "<h2>अरू कसले देख्छ</h2>"
    "<p>भुक्तानी Khalti, eSewa र Stripe ले मिलाउँछन्। अरू कम्पनीले हाम्रो सन्देश पठाउँछन् र फोटो राख्छन्। उनीहरूले"
    " त्यही कामलाई चाहिने विवरण मात्र पाउँछन्।</p>"
    "<h2>खाता मेटाउँदा</h2>"
    "<p>पावर बैंक फिर्ता भइसकेको र तिर्न बाँकी रकम नभएको बेला एपबाट खाता मेटाउन मिल्छ। त्यसपछि हामी तपाईंको प्रोफाइल"
    " र कागजातको फोटो मेटाउँछौँ। भुक्तानीको रेकर्ड तपाईंको नामबिना रहन्छ।</p>"
    "<h2>प्रश्न भए</h2>"
    '<p><a href="mailto:privacy@example.com">privacy@example.com</a> मा लेख्नुहोस्।</p>'
)
ABOUT = (
    "<p>Bijuli keeps your phone alive. Take a power bank at a station, use it on the way, and return it to any other"
    " station.</p>"
    "<p>Our stations stand in malls, restaurants, hospitals and bus parks. You pay with Khalti, eSewa, a card, or"
    " your points.</p>"
)
ABOUT_NE = (
    "<p>Bijuli ले तपाईंको फोन बन्द हुन दिँदैन। स्टेसनबाट पावर बैंक लिनुहोस्, बाटोमा चलाउनुहोस् र जुनसुकै अर्को"
    " स्टेसनमा फिर्ता गर्नुहोस्।</p>"
    "<p>हाम्रा स्टेसन मल, रेस्टुरेन्ट, अस्पताल र बसपार्कमा छन्। Khalti, eSewa, कार्ड वा पोइन्टबाट तिर्न मिल्छ।</p>"
)
CONTACT = (
    "<p>We are here every day from 7 AM to 10 PM.</p>"
    '<ul><li>Phone: <a href="tel:+97714000000">01-4000000</a></li>'
    '<li>Email: <a href="mailto:help@example.com">help@example.com</a></li></ul>'
    "<p>A problem with a station or a power bank? Tell us in the app, so that we see which one it is.</p>"
)
CONTACT_NE = (
    "<p>हामी हरेक दिन बिहान ७ बजेदेखि राति १० बजेसम्म छौँ।</p>"
    '<ul><li>फोन: <a href="tel:+97714000000">01-4000000</a></li>'
    '<li>इमेल: <a href="mailto:help@example.com">help@example.com</a></li></ul>'
    "<p>स्टेसन वा पावर बैंकमा समस्या छ? एपबाट खबर गर्नुहोस्, अनि कुन हो हामी थाहा पाउँछौँ।</p>"
)
UPDATES = (
    "<h2>1.4</h2><ul><li>The map is faster.</li><li>You can share receipts.</li></ul>"
    "<h2>1.3</h2><ul><li>You can add time to a rental.</li><li>Everything is in Nepali as well.</li></ul>"
)
UPDATES_NE = (
    "<h2>1.4</h2><ul><li>नक्सा छिटो खुल्छ।</li><li>रसिद अरूलाई पठाउन मिल्छ।</li></ul>"
    "<h2>1.3</h2><ul><li>पावर बैंक लिएपछि समय थप्न मिल्छ।</li><li>सबै कुरा नेपालीमा पनि छ।</li></ul>"
)
PAGES = (
    ContentPage("terms-of-service", "Terms of service", "सेवाका सर्त", TERMS, TERMS_NE, WRITTEN_AT),
    ContentPage("privacy-policy", "Privacy policy", "गोपनीयता नीति", PRIVACY, PRIVACY_NE, WRITTEN_AT),
    ContentPage("about", "About Bijuli", "Bijuli का बारेमा", ABOUT, ABOUT_NE, WRITTEN_AT),
    ContentPage("contact", "Contact us", "हामीलाई सम्पर्क गर्नुहोस्", CONTACT, CONTACT_NE, WRITTEN_AT),
    ContentPage("app-updates", "What is new in the app", "एपमा नयाँ के छ", UPDATES, UPDATES_NE, WRITTEN_AT),
)
