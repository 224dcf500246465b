"""Words and legal forms that make a name an organisation's, in seven languages."""

import re

from app.imports.values.people.given_names import GIVEN_NAMES
from app.kit.names import search_text

# lower case, without accents, as `search_text` writes them
WORDS = frozenset(
    """
    abbey academy agency alliance apostolic assembly associates association authority bakery
    bank baptist board brothers cafe cathedral center centre chamber chapel charities charity
    choir church churches clinic club coalition college commission committee companies company
    community congregation construction consulting convent coop cooperative corp corporation
    council department diocese district embassy enterprises episcopal federation fellowship
    foundation fund government group guild holdings hospital hotel industries institute
    institution insurance international kiwanis league library limited logistics lutheran
    methodist ministries ministry mission missions missionaries monastery mosque motors museum
    network office orchestra outreach parish partners partnership pharmacy presbyterian press
    priory properties publishing realty restaurant rotary school schools seminary services
    societies society solutions sons studio studios synagogue synod systems team technologies
    temple theatre trust union university ventures ymca ywca unicef oxfam caritas
    airlines auto catering charitable crusade dental dentistry electric financial foods hardware
    humane humanity investments laboratories landscaping management marketing media offices
    pantry pharmaceuticals plumbing relief rescue shelter software veterinary

    abtei bistum bruderschaft bund diakonie dorfkirche evangelische firma gemeinde
    genossenschaft gesellschaft hilfswerk hochschule institut kapelle kindergarten kirche
    heilsarmee kloster krankenhaus landeskirche mission pfarramt pfarrei pfarrkirche schule stadt
    stadtkirche stiftung tempel universitat verband verein verlag werkstatt zentrum

    banque chapelle comite commune communaute cooperative diocese ecole eglise entreprise
    federation fondation hopital institut lycee mairie ministere paroisse societe syndicat
    universite

    asociacion ayuntamiento banco capilla centro colegio comunidad cooperativa diocesis empresa
    escuela federacion fundacion hermandad iglesia instituto ministerio ministerios mision
    parroquia sociedad universidad

    basisschool bedrijf bisdom bond centrum cooperatie diaconie gemeente genootschap
    gereformeerde hervormde instituut kerk maatschappij parochie stichting universiteit
    vereniging zending ziekenhuis

    alapitvany egyesulet egyetem egyhaz egyhazkozseg gyulekezet intezet iskola korhaz kozpont
    onkormanyzat voroskereszt plebania puspokseg szovetkezet szovetseg tarsasag templom vallalat

    associacao capela colegio companhia comunidade convento cooperativa empresa escola
    federacao fundacao hospital igreja instituto irmandade ministerio missao paroquia
    prefeitura sociedade universidade
    """.split()  # noqa: SIM905
)
# words above that are surnames as well
SURNAMES = frozenset(
    """
    abbey bank bond bund cafe capela capilla chapel chapelle church college convento escuela
    guild iglesia igreja kapelle kerk kirche kloster parish press priory school schule tempel
    temple templom
    """.split()  # noqa: SIM905
)
# compounds (Bürgerstiftung, Schoolvereniging) and inflected words (Alapítványa)
COMPOUND = (
    r"\w(?:stiftung|verein|gesellschaft|gemeinde|verband|genossenschaft|hilfswerk|universitat"
    r"|krankenhaus|schule|zentrum|stichting|vereniging|gemeente)\b"
    r"|\b(?:alapitvany|egyesulet|egyhaz|gyulekezet|szovetseg|tarsasag|onkormanyzat)\w"
)
_COMPOUND = re.compile(COMPOUND)
# legal forms without points, as a single word: the quick check for names that need a closer look
LEGAL_WORDS = frozenset(
    """
    ggmbh gmbh mbh llc llp ltd inc plc corp pty pte ltda lda sarl eurl sasu srl kft zrt nyrt
    sro spol doo oyj aps ev eg ag kg ohg ug gbr sa sl sas snc spa bv nv vof bt oy ab as asa se
    co
    """.split()  # noqa: SIM905
)
# forms that are no name of a person, in any case
_LEGAL = re.compile(
    r"(?<!\w)(?:g?gmbh|mbh|llc|l\.l\.c|llp|ltd|inc|plc|corp|pty|pte|ltda|lda|s\.?à ?r\.?l|sarl"
    r"|eurl|sasu|s\.r\.l|srl|s\.p\.a|kft|zrt|nyrt|s\. ?r\. ?o|sro|spol|z ?o\.? ?o|d\.o\.o|doo"
    r"|oyj|aps|a/s|s/a|e\. ?v|e\. ?g|b\. ?v|n\. ?v|v\. ?o\. ?f|o\.p\.s|z\.s"
    r"|(?:&|and|und|et) (?:co|cie))\.?(?!\w)",
    re.IGNORECASE,
)
# forms that are also initials or short names: only as written here, at the end
_SHORT = re.compile(
    r"[\w)\"”] (?:AG|KG|OHG|UG|GbR|SA|S\.A\.|SL|S\.L\.|SAS|SNC|SpA|BV|NV|VOF|Bt\.?|Oy|AB|AS"
    r"|ASA|A\.S\.|a\.s\.|SE|Co\.?|eV|eG)$"
)
# names of organisations made of words that are in people's names as well
_PHRASES = (
    "united way",
    "red cross",
    "salvation army",
    "wells fargo",
    "rotes kreuz",
    "rode kruis",
    "croix rouge",
    "cruz roja",
    "cruz vermelha",
    "croce rossa",
    "armee du salut",
    "leger des heils",
    "secours catholique",
    "secours populaire",
    "freunde der",
    "freunde des",
    "amis du",
    "amis des",
    "vrienden van",
)
_PHRASE = re.compile(rf"\b(?:{'|'.join(_PHRASES)})\b".replace(" ", "[ -]"))
# one word of each, for the quick check
PHRASE_WORDS = frozenset(word for phrase in _PHRASES for word in phrase.split())
# "Friends of the Park", "City of Troy"
_OF = re.compile(r"(?:the )?[^\W\d_]+ of ")
_ESTATE = re.compile(
    r"(?:the )?estate of |.+ estate$"
    r"|(?:nachlass|erbengemeinschaft|nalatenschap|succession|herencia|espolio) |.+ hagyateka$"
)
# may stand beside a person's given name
_BESIDE = frozenset("& and und et y e en es jr sr ii iii iv dr mr mrs ms miss prof rev".split())  # noqa: SIM905


def is_organisation(name: str) -> bool:
    """Return whether a name is that of an organisation or of an estate."""
    plain = search_text(name)
    if _LEGAL.search(name) or _ESTATE.match(plain) or _PHRASE.search(plain):
        return True
    words = re.findall(r"[^\W\d_]+|&", plain)
    if _SHORT.search(name):
        # "MARIA SA" and "Ann Co" are people
        return words[0] not in GIVEN_NAMES or len(words) > 2  # noqa: PLR2004
    hits = [word for word in words if word in WORDS or is_compound(word)]
    if hits:
        return not _is_surname(words, hits, comma="," in name)
    return bool(_OF.match(plain)) and words[0] not in GIVEN_NAMES


def is_compound(words: str) -> bool:
    """Return whether a lower-case word, without accents, is made of an organisation's word."""
    return bool(_COMPOUND.search(words))


def _is_surname(words: list[str], hits: list[str], *, comma: bool) -> bool:
    """Return whether the only such word is a surname: "Mary Church", "Church, Mary"."""
    place = words[0] if comma else words[-1]
    if hits != [place] or place not in SURNAMES:
        return False
    others = words[1:] if comma else words[:-1]
    beside = [word for word in others if len(word) == 1 or word in _BESIDE or word in GIVEN_NAMES]
    return len(beside) == len(others) and not GIVEN_NAMES.isdisjoint(others)
