"""Encodings recognised from a few names, or asked about; never a wrong reading without a word."""

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from app.file_reader.charset import detection

# invented people and their towns; the encodings that files in these languages come in
NAMES: dict[str, tuple[str, str]] = {
    "Hungarian": (
        "cp1250 iso8859-2",
        (
            "Csőke Gergely,Hőgyész|Pintér Nóra,Füzesgyarmat|Bődi Márta,Szűr|"
            "Sűrű Ödön,Büdszentmihály|Kőris Ákos,Tiszafüred|Ürmös Réka,Zsámbék|"
            "Őszi Tünde,Vállaj|Gyürki Dániel,Makó|Hegedűs Piroska,Döbrököz|"
            "Fehér Jolán,Ópályi"
        ),
    ),
    "Polish": (
        "cp1250 iso8859-2",
        (
            "Wiesława Bąk,Chełm|Jarosław Żuraw,Płońsk|Mirosława Gołąb,Świdnica|"
            "Zenon Ćwik,Słupsk|Kazimierz Łoś,Łomża|Halina Źrebiec,Kępno|"
            "Stanisława Dębska,Mława|Tadeusz Mróz,Będzin|"
            "Wanda Pszczółkowska,Bełchatów|Leszek Śliwa,Piła"
        ),
    ),
    "Czech": (
        "cp1250 iso8859-2",
        (
            "Vojtěch Hůlka,Třebíč|Blažena Křížová,Děčín|Řehoř Žáček,Příbram|"
            "Šárka Dušková,Znojmo|Bedřich Čížek,Náchod|Markéta Šťastná,Beroun|"
            "Miloš Vaněk,Kadaň|Luděk Kříž,Jičín|Růžena Málková,Cheb|"
            "Čeněk Švec,Mělník"
        ),
    ),
    "German": (
        "cp1252 mac-roman cp1250",
        (
            "Jörg Häberle,Göppingen|Bärbel Grünewald,Lübbecke|Sönke Voß,Schönberg|"
            "Ulla Kühn,Gießen|Rüdiger Möhring,Görlitz|Änne Fröhlich,Überlingen|"
            "Käte Lößner,Weißwasser|Götz Bühler,Münsingen|Öznur Schütte,Höxter|"
            "Ute Mößner,Süßen"
        ),
    ),
    "French": (
        "cp1252 mac-roman",
        (
            "Léonie Gauthérot,Besançon|Gaëtan Lefèbvre,Châlons|Océane Thévenin,Sète|"
            "Théodore Bézu,Agen|Émilien Prévôt,Angoulême|Noémie Chênel,Évreux|"
            "Joël Pélissier,Béziers|Irène Hôpital,Mâcon|Maïté Garçon,Périgueux|"
            "Aimé Delaître,Sélestat"
        ),
    ),
    "Spanish": (
        "cp1252 mac-roman",
        (
            "Belén Ordóñez,Logroño|Joaquín Cañete,Ávila|Rocío Galván,Cádiz|"
            "Iván Bermúdez,Almería|Nieves Zúñiga,Jaén|Tomás Avilés,Mérida|"
            "Asunción Piñero,A Coruña|Héctor Farré,Alcañiz|Ramón Castaño,Cáceres|"
            "Zoé Bolaños,Úbeda"
        ),
    ),
    "Portuguese": (
        "cp1252 mac-roman",
        (
            "Conceição Falcão,Bragança|Estêvão Simões,São Brás|Inês Galvão,Évora|"
            "Tomé Pinhão,Loulé|Graça Leitão,Portimão|Zélia Mourão,Guimarães|"
            "João Brandão,Alcobaça|Cátia Romão,Trancão|Fábio Lourenção,Olhão|"
            "Márcio Fogaça,Fundão"
        ),
    ),
    "Danish": (
        "cp1252 mac-roman",
        (
            "Bjarne Kjærgård,Tønder|Kåre Højlund,Rødby|Mette Skødt,Ærøskøbing|"
            "Åge Søgaard,Nørresundby|Bodil Bødker,Løgstør|Øjvind Træholt,Skælskør|"
            "Jens Østby,Tårnby|Sørine Glæsel,Vejgård|Ragnhild Bråten,Værløse|"
            "Pål Håland,Sønderborg"
        ),
    ),
    "Turkish": (
        "cp1254",
        (
            "Çağrı Kılıçoğlu,Muğla|Gülşah Bağcı,Şırnak|İsmail Taşdemir,Iğdır|"
            "Nazlı Güçlü,Ağrı|Barış Ekşi,Beyşehir|Işıl Toğan,Çanakkale|"
            "Yağmur Şentürk,Niğde|Özge Dağlı,Kırşehir|Tolga Sağlam,Elazığ|"
            "Ümran Çakır,Balıkesir"
        ),
    ),
    "Russian": (
        "cp1251 koi8-r",
        (
            "Прохор Лихачёв,Тверь|Глафира Зимина,Вологда|Остап Юшкин,Брянск|"
            "Зоя Цветкова,Псков|Эдуард Щукин,Калуга|Милана Ерёмина,Пермь|"
            "Филипп Грач,Сызрань|Жанна Бобрик,Тула|Капитолина Рыбкина,Омск|"
            "Тарас Ухов,Ржев"
        ),
    ),
    "Greek": (
        "cp1253",
        (
            "Θανάσης Ρήγας,Λάρισα|Ξένια Φωτίου,Βόλος|Σπύρος Χατζής,Χανιά|"
            "Ζωή Καρρά,Κέρκυρα|Ηλίας Μπάρκας,Σέρρες|Βασιλική Τσάκωνα,Πάτρα|"
            "Άρης Δούκας,Ρόδος|Ιωάννα Πέππα,Κοζάνη"
        ),
    ),
    "Arabic": (
        "cp1256",
        (
            "سمير الخطيب,حلب|ليلى منصور,بيروت|طارق النجار,طنطا|هدى الصباغ,عمان|"
            "رامي قباني,دمشق|سلمى البيطار,صيدا|زياد شاهين,نابلس|نور الدين حداد,فاس"
        ),
    ),
    "Hebrew": (
        "cp1255",
        ("רות אלון,חיפה|יונתן ברק,נתניה|תמר שקד,אילת|גיא פלד,רעננה|הדס נוימן,כרמיאל|עידו צור,לוד"),
    ),
    "Japanese": (
        "cp932 euc_jp",
        (
            "井上陽介,福岡県|小林幸枝,新潟県|ワタナベケン,大阪府|渡辺さくら,奈良市|森田悠斗,千葉県|高橋あゆみ,札幌市|長谷川直美,横浜市|"
            "岡本健一,広島県"
        ),
    ),
    "Simplified Chinese": (
        "gb18030",
        "欧阳晓峰,南京市|许文静,苏州|陈建国,杭州市|赵丽娜,成都|黄志强,广州市|周玉兰,天津|邓小梅,重庆市|谢永福,西安",
    ),
    "Traditional Chinese": (
        "big5 gb18030",
        "歐陽麗珠,臺北市|陳志明,高雄|黃淑惠,新竹縣|劉家豪,臺南市|謝雅雯,桃園|許玉蘭,臺中市|葉承恩,花蓮縣|賴俊宏,苗栗",
    ),
    "Korean": (
        "cp949",
        "박지훈,부산|남궁민호,서울|황보라,대전|최수빈,인천|정은주,광주|윤서영,제주|한동석,수원|오미경,전주",
    ),
}
FILES = [
    (names, language, encoding)
    for language, (encodings, names) in NAMES.items()
    for encoding in encodings.split()
]


def file(names: list[str], separator: str = ",") -> str:
    rows = [name.replace(",", separator) for name in names]
    return "\n".join([f"Name{separator}City", *rows]) + "\n"


@pytest.mark.parametrize("encoding", sorted({encoding for _, _, encoding in FILES}))
def test_names_are_read_right_or_asked_about(encoding: str) -> None:
    lists = [names.split("|") for names, _, each in FILES if each == encoding]

    @settings(max_examples=40)
    @given(
        st.sampled_from(lists).flatmap(
            lambda names: st.lists(st.sampled_from(names), min_size=1, max_size=8)
        ),
        st.sampled_from(",;\t|"),
    )
    def check(names: list[str], separator: str) -> None:
        text = file(names, separator)
        data = text.encode(encoding)
        if data.isascii():
            return
        found = detection.detect(data)
        assert found is not None
        if found.readings:
            assert text in {data.decode(each) for each in found.readings}
        else:
            assert data.decode(found.encoding) == text

    check()


@pytest.mark.parametrize("height", [500, 50_000])
def test_a_rare_letter_far_down_counts(height: int) -> None:
    text = file(["Kovács Béla,Pécs"] * height + ["Győző Ernő,Győr"])
    found = detection.detect(text.encode("cp1250"))
    assert found == detection.Detected("cp1250")


@pytest.mark.parametrize("spaces", ["", " ", ", "])
def test_characters_of_a_long_line_stay_whole(spaces: str) -> None:
    line = spaces.join(["井上陽介", "福岡県", "長谷川直美x"] * 900)
    found = detection.detect(f"Name,City\n{line}\n".encode("cp932"))
    assert found is not None
    assert spaces == "" or found == detection.Detected("cp932")


@pytest.mark.parametrize(("names", "language", "encoding"), FILES)
def test_eight_names_are_read_without_a_question(names: str, language: str, encoding: str) -> None:
    text = file(names.split("|")[:8])
    found = detection.detect(text.encode(encoding))
    assert found is not None, language
    assert not found.readings, (language, found)
    assert text.encode(encoding).decode(found.encoding) == text
