"""Words that headers of donor and gift lists consist of, in seven languages.

They find the header row of a file. Which field a whole header means is said by
`app/imports/values/fields.py` and `header_words.toml` beside it, not here.
"""

from collections.abc import Sequence
from functools import lru_cache

from app.file_reader.header_names import normal

# as `normal` writes them; of people, places, money, and what is known of a gift
_WORDS = frozenset(
    """
    name names first last full middle given family surname prefix suffix title salutation
    greeting donor donors contact constituent supporter giver partner spouse person people
    member account company organization organisation employer household id number no nr num ref
    reference email e mail emails address address1 address2 addr1 addr2 phone telephone tel
    mobile cell fax home work street line city town state province region county zip postal
    postcode code country amount gift donation contribution sum value gross net fee currency
    date day month year time received posted paid payment transaction receipt method type kind
    category fund funds purpose designation project campaign appeal note notes comment comments
    memo description message status tag tags groups source owner start end frequency pledge
    schedule birthday created vorname nachname familienname anrede titel firma spender spenderin
    spende kontakt strasse stra hausnummer e_mail telefon telefonnummer mobil handy plz
    postleitzahl ort stadt land bundesland betrag summe wert waehrung wahrung datum buchungstag
    buchungsdatum wertstellung valuta zweck verwendungszweck zahlungsart bemerkung bemerkungen
    notiz notizen konto iban bic kontonummer auftraggeber empfanger kundennummer eingang nom
    prenom prenoms raison sociale donateur donatrice don adresse rue ville pays postale courriel
    portable montant somme devise objet motif mode paiement remarque remarques numero libelle
    reglement civilite nombre nombres apellido apellidos donante donativo donacion direccion
    calle ciudad provincia pais correo electronico telefono movil importe monto cantidad moneda
    fecha concepto nota notas observaciones forma pago cuenta codigo naam voornaam achternaam
    tussenvoegsel bedrijf gever straat huisnummer plaats woonplaats telefoon telefoonnummer
    bedrag omschrijving mededeling opmerking opmerkingen rekening tegenrekening rekeningnummer
    munt nev vezeteknev keresztnev csaladnev utonev adomanyozo tamogato cim lakcim utca varos
    telepules iranyitoszam orszag telefonszam osszeg deviza devizanem penznem kelt kozlemeny
    megjegyzes adomany cel szamlaszam konyveles napja nome sobrenome apelido doador doacao
    endereco morada rua cidade estado distrito cep telemovel telefone celular valor quantia
    montante moeda data descricao observacao observacoes pagamento conta referencia of the de du
    des da do der von van la le el en und et y and
    """.split()  # noqa: SIM905
)
LEAST = 2


def header_words(row: Sequence[str]) -> int:
    """Return how many cells of a row consist of header words; 0 if the row is no header by them.

    A header has two such cells at least, and they are half of its filled cells.
    """
    filled = [cell for cell in row if cell.strip()]
    words = len({normal(cell) for cell in filled if _is_header_cell(cell)})
    return words if words >= LEAST and words * 2 >= len(filled) else 0


@lru_cache(maxsize=4_000)
def _is_header_cell(cell: str) -> bool:
    if len(cell) > 40 or "@" in cell:  # noqa: PLR2004
        return False
    parts = [part for part in normal(cell).split("_") if not part.isdigit()]
    return bool(parts) and all(part in _WORDS for part in parts)
