"""The 77 districts of Nepal, and the district that a text names in English or Nepali.

Source: the list of districts of the Government of Nepal, as of the local election of 2074 B.S.
"""

import re
import unicodedata
from functools import cache

from chalicelib.domain.problems.validation_messages import InvalidField

DISTRICT_TABLE = """
Bhojpur भोजपुर|Dhankuta धनकुटा|Ilam इलाम|Jhapa झापा|Khotang खोटाङ|Morang मोरङ|Okhaldhunga ओखलढुङ्गा|Panchthar
पाँचथर Pachthar|Sankhuwasabha सङ्खुवासभा संखुवासभा Sankhuasabha Sangkhuwasabha|Solukhumbu सोलुखुम्बु|Sunsari
सुनसरी|Taplejung ताप्लेजुङ|Terhathum तेह्रथुम तेर्हथुम Tehrathum Terathum|Udayapur उदयपुर Udaypur|Bara बारा
|Dhanusha धनुषा Dhanusa Dhanukha|Mahottari महोत्तरी Mohattari|Parsa पर्सा|Rautahat रौतहट|Saptari सप्तरी|Sarlahi
सर्लाही|Siraha सिराहा सिरहा|Bhaktapur भक्तपुर|Chitwan चितवन Chitawan|Dhading धादिङ|Dolakha दोलखा|Kathmandu
काठमाडौं काठमाण्डौ काठमान्डु काठमाडु Kathmandau Katmandu KTM|Kavrepalanchok काभ्रेपलाञ्चोक काभ्रेपलान्चोक काभ्रे
Kavrepalanchowk Kavre Kabhre Kabhrepalanchok Kabhrepalanchowk|Lalitpur ललितपुर Patan पाटन|Makwanpur मकवानपुर
Makawanpur|Nuwakot नुवाकोट|Ramechhap रामेछाप Ramechap|Rasuwa रसुवा|Sindhuli सिन्धुली सिंधुली|Sindhupalchok
सिन्धुपाल्चोक सिन्धुपालचोक सिंधुपाल्चोक Sindhupalchowk|Baglung बागलुङ|Gorkha गोरखा गोर्खा|Kaski कास्की|Lamjung
लमजुङ|Manang मनाङ|Mustang मुस्ताङ|Myagdi म्याग्दी|Nawalpur नवलपुर Nawalparasi-East नवलपरासी-पूर्व|Parbat पर्वत
|Syangja स्याङ्जा स्यांजा|Tanahun तनहुँ Tanahu Tanahunj|Arghakhanchi अर्घाखाँची Arghakhachi|Banke बाँके|Bardiya
बर्दिया Bardia|Dang दाङ Dang-Deukhuri|Rukum-East रुकुम-पूर्व|Gulmi गुल्मी|Kapilvastu कपिलवस्तु|Parasi परासी
Nawalparasi नवलपरासी Nawalparasi-West नवलपरासी-पश्चिम|Palpa पाल्पा|Pyuthan प्युठान प्यूठान|Rolpa रोल्पा|Rupandehi
रुपन्देही|Dailekh दैलेख|Dolpa डोल्पा|Humla हुम्ला|Jajarkot जाजरकोट|Jumla जुम्ला|Kalikot कालिकोट|Mugu मुगु
|Rukum-West रुकुम-पश्चिम Rukum रुकुम|Salyan सल्यान|Surkhet सुर्खेत|Achham अछाम|Baitadi बैतडी|Bajhang बझाङ|Bajura
बाजुरा|Dadeldhura डडेल्धुरा डडेलधुरा Dandeldhura|Darchula दार्चुला|Doti डोटी|Kailali कैलाली|Kanchanpur कञ्चनपुर
कन्चनपुर कंचनपुर
"""
"""Each entry: the name in English, the name in Nepali, other spellings. A hyphen stands for a space.

Nawalparasi and Rukum were divided in 2074 B.S. An older certificate names the undivided district. Its register stayed
at the old headquarters, so the undivided name means the half with the headquarters (Parasi, western Rukum).
"""
TITLES = re.compile(
    r"\b(?:district|dist|jilla|zilla|jila|zila|administration|office|prashasan|karyalaya|d ?a ?o|of|the|nepal"
    r"|bard(?:a|i)?ghat|susta)\b"
)
NEPALI_TITLES = re.compile(r"जिल्ला|प्रशासन|कार्यालय|नेपाल|बर्दघाट|सुस्ता|भाग|जि प्र का(?= |$)|(?:^|(?<=[\s,]))जि\.?(?=\s)")
"""Words that stand next to a district's name, as in `District Administration Office, Kathmandu`. The two halves of
Nawalparasi have the names of places beside theirs, as in `Nawalparasi (Bardaghat Susta East)`."""
SIDES = (
    (re.compile(r"\b(?:east(?:ern)?|p(?:u|oo)r[bvw][ai])\b|पूर्वी?(?=\s|$)"), "east"),
    (re.compile(r"\b(?:west(?:ern)?|pa(?:s|sh)?chh?im[ai]?)\b|पश्चिमी?(?=\s|$)"), "west"),
)
"""The half of a divided district, before or behind its name and in either language."""
LATIN_FOLDS = (
    (re.compile(r"(.)\1+"), r"\1"),
    (re.compile(r"[wv]"), "b"),
    (re.compile(r"(?<=[bcdgjkpst])h"), ""),
    (re.compile(r"ee|y"), "i"),
    (re.compile(r"oo"), "u"),
)
"""Differences of transliteration: Sindhupaalchok, Kapilbastu, Jhapa and Japa, Gulmee."""
NEPALI_FOLDS = str.maketrans(
    {"ी": "ि", "ू": "ु", "ँ": None, "ं": None, "्": None, "़": None, "ण": "न", "ञ": "न", "ष": "स", "श": "स", "व": "ब"}
)
"""Differences of spelling: long and short vowels, nasals, sibilants, and व for ब."""
NEPALI_NASAL = re.compile(r"ङ्?ग?|ंग")
"""`ङ`, `ङ्ग` and `ंग` are one sound."""


def parse_district(text: str) -> str:
    """The district's name in English. Case, spaces, marks, spelling and words such as `District` do not count.

    Raises InvalidField for a text that names no district.
    """
    name = district_of(text)
    if name is None:
        raise InvalidField("district_unknown")
    return name


def district_of(text: str) -> str | None:
    """The same; None for a text that names no district."""
    return _names_by_spelling().get(_spelling(text))


@cache
def _names_by_spelling() -> dict[str, str]:
    names: dict[str, str] = {}
    for entry in DISTRICT_TABLE.split("|"):
        spellings = entry.split()
        names |= dict.fromkeys((_spelling(spelling) for spelling in spellings), spellings[0].replace("-", " "))
    return names


def _spelling(text: str) -> str:
    """The text in a form that is equal for every spelling of one name."""
    letters = unicodedata.normalize("NFKC", _without_accents(text))
    visible = "".join(item for item in letters if unicodedata.category(item) != "Cf")
    bare = re.sub(r"[-_.,;:/()।]", " ", visible.casefold())
    for titles in (TITLES, NEPALI_TITLES):
        bare = titles.sub("", bare)
    side = ""
    for pattern, name in SIDES:
        bare, found = pattern.subn("", bare)
        side = name if found else side
    folded = "".join(item for item in NEPALI_NASAL.sub("ग", bare) if unicodedata.category(item)[0] in "LM")
    folded = folded.translate(NEPALI_FOLDS) + side
    for pattern, letter in LATIN_FOLDS:
        folded = pattern.sub(letter, folded)
    return folded


def _without_accents(text: str) -> str:
    """The text without the accents of a transliteration, as in `Kāṭhmāṇḍau`. Marks of Devanagari stay."""
    return "".join(item for item in unicodedata.normalize("NFKD", text) if not "\u0300" <= item <= "\u036f")
