"""Names, places and texts for demo data, all of them invented."""

# culture: (first names, last names); joined as the culture joins them
PEOPLE: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "English": (
        ("Abigail", "Arthur", "Beth", "Caleb", "Clara", "Daniel", "Edith", "Frank", "Hannah",
         "Harold", "Ivy", "Joel", "Judith", "Leonard", "Margaret", "Nathan", "Olive", "Peter",
         "Rosalind", "Simon", "Susan", "Thomas", "Violet", "Walter"),
        ("Ashdown", "Barrowby", "Calloway", "Denholm", "Eastlake", "Fairweather", "Garrick",
         "Hathersage", "Ingleby", "Kettering", "Lockridge", "Marchbank", "Netherwood", "Oakhurst",
         "Pemberley", "Quillfeather", "Ravenscroft", "Stillwater", "Thornbury", "Underhill",
         "Wexcombe", "Yarrowdale"),
    ),
    "West African": (
        ("Abena", "Adaeze", "Chidi", "Efua", "Emeka", "Folake", "Ifeoma", "Kofi", "Kwabena",
         "Ngozi", "Olumide", "Yewande"),
        ("Adomako", "Balogun", "Boatengfio", "Chukwudi", "Eze-Nwosu", "Ogundimu", "Okonjo",
         "Owusu", "Sarpong", "Uzochukwu"),
    ),
    "Hispanic": (
        ("Álvaro", "Beatriz", "Camila", "Esteban", "Inés", "Joaquín", "Lucía", "Marisol",
         "Óscar", "Pilar", "Raúl", "Ximena"),
        ("Arizmendi", "Cárdenas", "Escalante Núñez", "Fuentealba", "Ibáñez", "Larrañaga",
         "Montalvo", "Peñaranda", "Quiñones", "Zubiría"),
    ),
    "German": (
        ("Annegret", "Björn", "Dörte", "Friedrich", "Gisela", "Jürgen", "Käthe", "Lorenz"),
        ("Brückmann", "Eichstädt", "Großkopf", "Hölzel", "Krämer-Vogt", "Schönfelder",
         "Wüstenhagen"),
    ),
    "Nordic": (
        ("Åsa", "Bjørn", "Eila", "Håkon", "Ingrid", "Søren", "Tuulikki", "Þóra"),
        ("Ågren", "Bjørkli", "Hämäläinen", "Lundqvist", "Nygård", "Sæther", "Ørsted-Vik"),
    ),
    "Slavic": (
        ("Božena", "Danuta", "Jiří", "Łukasz", "Małgorzata", "Ondřej", "Svetlana", "Zdeněk"),
        ("Czajkowicz", "Dvořáček", "Krzemień", "Novotníček", "Śliwińska", "Vojtěšek"),
    ),
    "French": (
        ("Aurélie", "Benoît", "Cécile", "Éloïse", "François", "Noël"),
        ("Beauchesne", "D'Argencourt", "Lefèvre-Maillot", "Rivièrebois", "Saint-Clément"),
    ),
    "South Asian": (
        ("Ananya", "Dilip", "Farida", "Kavitha", "Nadeem", "Priya", "Rohan", "Suresh"),
        ("Bhattacharjee", "Chaudhry", "Iyengar", "Kulkarni", "Rahmanpuri", "Venkatesan"),
    ),
    "East Asian": (
        ("Daichi", "Eun-ji", "Haruka", "Jun-ho", "Lihua", "Minh Anh", "Quốc Bảo", "Wei",
         "Xiaomei"),
        ("Fujimoto", "Hashiguchi", "Kwon", "Lín", "Nguyễn", "Ōtsuka", "Trần", "Zhèng"),
    ),
    "Middle Eastern": (
        ("Amal", "Farid", "Hovsep", "Layla", "Miriam", "Shirin", "Tariq", "Yael"),
        ("Al-Masri", "Ben-Haroush", "Daneshvar", "Haddadin", "Karapetyan", "Mansouri"),
    ),
    "Ethiopian": (
        ("Almaz", "Bekele", "Genet", "Tesfaye"),
        ("Alemayehu", "Demissie", "Gebremariam", "Woldeyes"),
    ),
}  # fmt: skip
WEIGHTS = (40, 9, 12, 6, 6, 6, 5, 7, 7, 6, 3)

# non-Latin names: (name, first, last, local part of the e-mail address)
OWN_SCRIPT = (
    ("田中 美咲", "美咲", "田中", "misaki.tanaka"),
    ("王 志远", "志远", "王", "zhiyuan.wang"),
    ("김서연", "서연", "김", "seoyeon.kim"),
    ("Александра Морозова", "Александра", "Морозова", "a.morozova"),
    ("Олексій Гончаренко", "Олексій", "Гончаренко", "oleksiy.g"),
    ("Ελένη Παππά", "Ελένη", "Παππά", "eleni.pappa"),
    ("سمير حداد", "سمير", "حداد", "samir.haddad"),
    ("अनन्या शर्मा", "अनन्या", "शर्मा", "ananya.sharma"),
)
CHURCHES = (
    "Grace Chapel on Mill Street", "St Brannoc's Parish", "Iglesia Roca Viva",
    "Hillcrest Community Church", "Second Baptist Church of Alderbrook",
    "Riverside Mennonite Fellowship", "Église de la Source", "New Dawn Assembly",
    "Korean Presbyterian Church of Fairhaven", "St Phanourios Orthodox Church",
    "Oak Street Methodist Church", "Cornerstone Fellowship",
)  # fmt: skip
FOUNDATIONS = (
    "The Wrenfield Foundation", "Tidewater Family Fund", "Fundación Puente Alto",
    "Lindqvist & Daughters Charitable Trust", "Harrowgate Community Foundation",
)  # fmt: skip
COMPANIES = (
    "Bluebell Bakery LLC", "Copperline Electrical, Inc.", "Fairhaven Dental Group",
    "Nordlys Design AS", "Pine & Plover Books", "Sundara Textiles", "Tallgrass Veterinary Clinic",
)  # fmt: skip

STREETS = (
    "Alder Lane", "Beacon Street", "Cedar Court", "Dovecote Road", "Elm Terrace", "Foundry Row",
    "Garden Walk", "Harbor View", "Juniper Way", "Kiln Road", "Lantern Hill", "Mill Street",
    "Orchard Close", "Prospect Avenue", "Quarry Lane", "Rosemary Drive", "Sycamore Street",
)  # fmt: skip
PLACES = (
    ("Alderbrook", "NY", "12540"), ("Fairhaven", "NY", "13064"), ("Marlow Falls", "PA", "17021"),
    ("Port Ellery", "MA", "02134"), ("Stonecross", "VT", "05071"),
    ("Wickham Green", "NJ", "07077"),
    ("Easterly", "CT", "06035"), ("Tolland Bay", "ME", "04028"), ("Greyrock", "OH", "44024"),
)  # fmt: skip

TAGS = ("newsletter", "board", "volunteer", "visited us", "year-end letter", "prays for us")
CONTACTS = {
    "call": (
        "Talked for ten minutes. Asked about the school and sends greetings.",
        "Left a message on the machine.",
        "Called to say thank you; was glad to hear from us.",
        "New job since spring, the gift goes on as before.",
        "Had a fall in the garden, recovering well. Call again before winter.",
    ),
    "meeting": (
        "Coffee after the morning service. Wants to see the plans for the roof.",
        "Lunch in town. Would like to bring the children to open day.",
        "Visited at home; showed the photographs of the new classroom.",
    ),
    "letter": ("Sent the autumn letter with a handwritten line.", "Birthday card."),
    "text": ("Sent a picture of the harvest.", "Wished a happy feast day."),
    "e-mail": (
        "Answered a question about the receipt.",
        "Sent the report of the summer camp.",
        "Asked whether the new address is right: it is.",
    ),
    "note": ("Prefers e-mail in the evening.", "Two children at college, be patient this year."),
}
TASKS = (
    ("call", "Call {name} about the missed gift"),
    ("call", "Ask {name} how the operation went"),
    ("thank", "Write a card to {name}"),
    ("write", "Send {name} the field report"),
    ("meet", "Coffee with {name}"),
    ("e-mail", "Send {name} the bank details"),
    ("call", "Invite {name} to the open day"),
    ("write", "Answer the letter from {name}"),
    ("other", "Correct the address of {name}"),
)
GIFT_NOTES = ("In memory of her mother", "From the garden sale", "For the roof", "Birthday gift")
