"""Letters, spelling rules and frequent words of languages with an alphabet."""

import re
from dataclasses import dataclass
from math import log

# share of a language's special letters that foreign names bring along
_FOREIGN = 0.02


@dataclass(frozen=True, slots=True)
class Language:
    """A language: log-probabilities of its letters outside ASCII, in lower case.

    `impossible` matches spellings that the language does not have; `words` are frequent names and
    words with such letters.
    """

    name: str
    script: str
    letters: dict[str, float]
    impossible: re.Pattern[str] | None
    words: frozenset[str]


def _language(name: str, script: str, letters: str, words: str = "", not_: str = "") -> Language:
    """Return a language; its letters are listed with the most frequent one first."""
    # Zipf's law, softened: the tenth letter is a fifth as frequent as the first
    weights = [1 / (rank + 2) for rank in range(len(letters))]
    total = sum(weights)
    return Language(
        name,
        script,
        {
            letter: log((1 - _FOREIGN) * weight / total)
            for letter, weight in zip(letters, weights, strict=True)
        },
        re.compile(not_) if not_ else None,
        frozenset(words.split()),
    )


LANGUAGES = {
    language.name: language
    for language in (
        _language(
            "de",
            "latin",
            "üöäß",
            "müller schäfer köhler krüger könig böhm jäger größe straße münchen köln zürich "
            "düsseldorf jürgen günther günter björn jörg käthe schröder möller krämer österreich "
            "übung für über währung empfänger verfügung würzburg nürnberg lübeck tübingen weiß "
            "groß grün brückner löwe schön",
            r"^ß|ß[aou]",
        ),
        _language(
            "fr",
            "latin",
            "éèçêàôîâëûïùœüÿ",
            "rené renée andré françois françoise hélène jérôme zoë noël chloé léa théo anaïs "
            "élodie cécile sébastien frédéric stéphane benoît gérard gisèle mélanie désirée "
            "genève orléans nîmes besançon île prénom numéro société église générosité québec "
            "lefèvre lemaître côté bérénice raphaël joël citroën hugué désiré aimé",
            r"[îâôûêèùç]{2}|^[êëîïôûùœÿ][^l]|ù.|ç([^aouœ]|$)|[^y]ÿ[^.]",
        ),
        _language(
            "es",
            "latin",
            "óíáéñúü",
            "josé maría garcía lópez martínez gonzález rodríguez pérez sánchez fernández gómez "
            "díaz ramírez gutiérrez hernández jiménez núñez muñoz peña ibáñez ángel álvaro andrés "
            "inés mónica raúl sofía lucía verónica iñaki íñigo begoña españa coruña málaga "
            "córdoba león año señor donación dirección código número teléfono méxico bogotá "
            "muñiz vázquez suárez álvarez",
            r"ñ([^aeiouáéíóúü]|$)|[áéíóú].*[áéíóú]|ü[^eií]",
        ),
        _language(
            "pt",
            "latin",
            "ãçáéíóêõâúàôü",
            "joão josé são conceição gonçalves magalhães guimarães simões camões antónio antônio "
            "assunção fundação doação endereço código número araújo luís inês mónica mônica "
            "sebastião estêvão brandão falcão leitão lourenço gusmão lisboa açores évora ângela "
            "cláudia márcia patrícia vitória flávio otávio",
            r"õ([^e]|$)|ã([^oes]|$)|ç([^aouãõáóâ]|$)",
        ),
        _language(
            "it",
            "latin",
            "àèòùéìî",
            "niccolò nicolò forlì città cantù società università perché cefalù mondovì libertà",
            r"[àèòùì][a-z]{2}",
        ),
        _language(
            "nl",
            "latin",
            "ëéïöüèçáóôê",
            "zoë daniël joël michaël raphaël noël beëindigd coördinatie financiën belgië renée "
            "andré chloé loïs anaïs thérèse",
        ),
        _language(
            "da",
            "latin",
            "øåæéöäüð",
            "søren jørgen bjørn kåre åse håkon åge jørgensen sørensen møller bæk københavn århus "
            "bodø tromsø ålesund gården bård øyvind østergård nørgaard kjær rasmussen dåb "
            "sørlie næss vågen måned beløb",
        ),
        _language(
            "sv",
            "latin",
            "öäåéü",
            "björn åsa göran håkan sjöberg malmö göteborg örebro västerås öberg åberg lindström "
            "sjöström nyström bergström söderberg mäkinen hämäläinen jyväskylä pöllänen "
            "järvinen väinö äijälä kärkkäinen hyvönen åke märta sköld",
        ),
        _language(
            "is",
            "latin",
            "íáéóþðöæúý",
            "jónsdóttir sigurðsson guðrún þór þórður þorsteinn ísland björk sigríður guðmundur "
            "ragnheiður kópavogur reykjavík hafnarfjörður jóhann ólafur helgadóttir",
            r"^ð|[bcdfhjkmqtvxz]ð|þ([^aeiouáéíóúýöæyrjv]|$)|[a-z]þ[^aeiuoó]|ð[bcdkmpqtzý]|ý$|[cqwz]",
        ),
        _language(
            "et",
            "latin",
            "äõüöšž",
            "tõnu õunapuu jõgi kõiv sõber pärnu võru tõnis mägi kärt rõõm õnne jüri pühajärve "
            "põld mõtus põltsamaa",
            r"õ$|õ[ao]",
        ),
        _language(
            "ca",
            "latin",
            "óàèíúçòéïü·",
            "núria màrius jordà maçana vilanova montserrat lluís àlex òscar jaumà gràcia "
            "barça plaça catalunya",
        ),
        _language(
            "hu",
            "latin",
            "áéőóöüíúű",
            "gergő győr győző lászló zoltán istván józsef jános gábor péter ágnes éva tóth kovács "
            "szabó horváth molnár németh dózsa ernő jenő dezső erdős őri őry szűcs szűts székely "
            "fűző összeg név dátum cím ügyfél árpád béla ödön ünő szőke vörös veres sándor "
            "andrás mihály dénes lőrinc örs pécs szeged szegő gyöngyi enikő erzsébet hűség "
            "könyvelő adományozó megjegyzés közlemény időpont",
        ),
        _language(
            "pl",
            "latin",
            "łąęóżśćńź",
            "łukasz łucja paweł michał małgorzata elżbieta żółw gęś wójcik wiśniewski wiśniewska "
            "kowalczyk woźniak król jabłoński dąbrowski dąbrowska zieliński szymański kamiński "
            "łódź kraków gdańsk poznań wrocław świętosława bożena grażyna józef stanisław "
            "władysław wałęsa kwaśniewski pawłowska pawłowski wróbel głowacka imię płatność "
            "złoty dzień wpłata",
            r"[ńśźć][aeouyąęó]|^[ęńą]|ńi|ó$",
        ),
        _language(
            "cs",
            "latin",
            "áíéěýřčžšůúňóťď",
            "novák nováková dvořák dvořáková černý černá procházka kučera veselý horák němec "
            "pospíšil růžička jiří ondřej tomáš lukáš jakub matěj kateřina lucie zdeněk božena "
            "plzeň částka jméno příjmení město věra květa kovář krejčí říha šimek jaroslav "
            "novotný novotná žižka čapek štěpán šťastný svatoň",
            r"^[ěýů]|ů[aeiouáéíóúůýě]|[gkhqwx]ě",
        ),
        _language(
            "sk",
            "latin",
            "áíéýčžšúľťôňäóďĺŕ",
            "bratislava ľuboš ľudmila kováč košice žilina kráľ vaľo šťastný ďurica novák horváth "
            "tóth nagyová kováčová štefan ľubica michal lukáš tomáš peter ján mária zuzana "
            "krajčír baláž čierny šimko",
            r"^[ĺŕý]|[aeiouáéíóúý]ľ[bcdfghjklmnprstvzčšž]",
        ),
        _language(
            "hr",
            "latin",
            "čćšžđ",
            "đorđe đuro marković jovanović petrović nikolić kovačević horvat babić marić šimić "
            "knežević vuković blažević perić žarko šime čović krešimir miloš dušan saša živko "
            "kovačič novak župan zupančič črt žiga janša cankarjeva šubić",
        ),
        _language(
            "ro",
            "latin",
            "ăîşţâșț",
            "ştefan ion şerban ţepeş ionuţ bucureşti iaşi constanţa timişoara ştefănescu brăila "
            "băsescu pătraşcu mădălina ionică gheorghiţă crăciun sfânt mureşan mureș niţă "
            "vlăduţ braşov piteşti călin răzvan",
        ),
        _language(
            "tr",
            "latin",
            "ışüğçöİâî",
            "yılmaz şahin çelik öztürk doğan kılıç aydın işık ışık istanbul yıldız yıldırım "
            "şimşek çetin kara güneş ağa oğuz erdoğan özdemir aslan koç kurt polat aktaş şule "
            "ayşe gülşen müge çağla çiğdem tuğba güler özgür uğur ümit şükrü sıla bağış tutar "
            "kişi adı soyadı tarih açıklama muğla diyarbakır eskişehir izmir şen taş",
            r"^ğ|^ı[^ş]|ı[a-zçşğ]*[eöü]|[eöü][a-zçşğ]*ı",
        ),
        _language(
            "lt",
            "latin",
            "ėšžųįčūąęāīēģķļņ",
            "jonas kęstutis šarūnas žemaitis rūta živilė dalė šiauliai klaipėda pėteris jānis "
            "bērziņš ozoliņš kalniņš jēkabs rīga liepāja ģirts ķekava ilūkste āris ēriks ilzė "
            "mažeika žukauskas petrauskas kazlauskienė petrauskienė gražina",
        ),
        _language(
            "ru",
            "cyrillic",
            "оаеинтсрвлкмдпуяыьгзбчйхжшюцщэфъё",
            "иван мария анна ольга елена сергей александр дмитрий наталья татьяна иванов петров "
            "сидоров смирнов кузнецова москва имя сумма дата город фамилия",
            r"^[ьъы]",
        ),
        _language(
            "uk",
            "cyrillic",
            "оаниіветрсклмдупзьягбчйхжшцюєїфщґ",
            "олена іван марія сергій олександр київ шевченко коваленко львів наталія юрій",
            r"^ь",
        ),
        _language(
            "bg",
            "cyrillic",
            "аоиентрвслкдпмзгубячъжцхщшйюфь",
            "георги димитър петър мария елена софия пловдив иванов петрова",
        ),
        _language(
            "sr",
            "cyrillic",
            "аоиенртсвјкулмпдзгбчњжћшљцхђџф",
            "јован милош марко јелена београд петровић јовановић никола",
        ),
        _language(
            "el",
            "greek",
            "αοιετνσςρπκμλυηγδάίόέωθχφβύήξζώψϊϋΐΰ",
            "γιώργος μαρία παπαδόπουλος νίκος ελένη αθήνα δημήτρης κώστας",
            r"^ς|ς.",
        ),
        _language(
            "he",
            "hebrew",
            "יוהלמרתאבשנדחעקפםגכטצסןזךףץ",
            "כהן לוי משה דוד שרה רחל ירושלים",
            r"^[ךםןףץ]|[ךםןףץ].",
        ),
        _language(
            "ar",
            "arabic",
            "امليرنبتدةعحسكهقفوجشصخطأىءزغئضثذآظإؤ",
            "محمد أحمد علي حسن فاطمة عبد الله القاهرة مريم خالد يوسف عمر",
            r"ة.|ى.|^[ءئؤة]",
        ),
        _language(
            "th",
            "thai",
            "านรกอเ่งมยลวดทสต้ัิีะปบคหไพชุแจขธูโ์ถำ็ึผศใณซญื",
            "สมชาย กรุงเทพ นาย นาง",
            r"^[ัิีึืุู่้์็]",
        ),
    )
}
WESTERN = ("de", "fr", "es", "pt", "it", "nl", "da", "sv", "ca")
CENTRAL = ("hu", "pl", "cs", "sk", "hr", "ro", "de")
