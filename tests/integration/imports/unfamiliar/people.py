"""Small files of donors as other systems and people write them, with what must come of each."""

from tests.integration.imports.unfamiliar.cases import Case


def one(name: str, first: str | None, last: str | None, kind: str = "person") -> Case:
    """A donor whose name alone is in question."""
    return Case(f'Name,Email\n"{name}",x@x.example\n', donors=[(name, first, last, kind)])


NAMES = {
    "a suffix": one("Olaf Berg Jr.", "Olaf", "Berg Jr."),
    "a degree": one("Nora Vale, PhD", "Nora", "Vale"),
    "a number": one("Olaf Berg III", "Olaf", "Berg III"),
    "particles": one("Piet van der Meer", "Piet", "van der Meer"),
    "an estate": one("The Estate of Olaf Berg", None, None, "organisation"),
    "a surname that is a building": one("Nora Temple", "Nora", "Temple"),
    "last name first, two people": Case(
        'Name,Email\n"Berg, Peter & Anna",x@x.example\n',
        donors=[("Peter & Anna Berg", "Peter", "Berg", "household")],
    ),
    "an organisation by its header": Case(
        "organization_name,email\nZebraWorks,x@x.example\n",
        donors=[("ZebraWorks", None, None, "organisation")],
    ),
}
CELLS = {
    "numbers of a spreadsheet": Case(
        "First Name,Last Name,Zip,Phone\nOlaf,Berg,90210.0,5551234567.0\n",
        values=("donor_phone.phone", ["5551234567"]),
    ),
    "an e-mail in angles": Case(
        "Name,Email\nOlaf Berg,Olaf Berg <o@x.example>\n",
        values=("donor_email.email", ["o@x.example"]),
    ),
    "no e-mail": Case(
        "Name,Email\nOlaf Berg,N/A\nNora Vale,none\nKen Reed,\n",
        donors=[
            ("Olaf Berg", "Olaf", "Berg", "person"),
            ("Nora Vale", "Nora", "Vale", "person"),
            ("Ken Reed", "Ken", "Reed", "person"),
        ],
        values=("donor_email.email", []),
    ),
    "no e-mail beside a gift": Case(
        "Name,Email,Amount,Date\nOlaf Berg,-,50,2025-04-07\nNora Vale,not known,5,2025-04-07\n",
        gifts=[("Olaf Berg", "50", "USD", "2025-04-07"), ("Nora Vale", "5", "USD", "2025-04-07")],
    ),
    "one e-mail of two people": Case(
        "First Name,Last Name,Email\nOlaf,Berg,home@x.example\nNora,Berg,home@x.example\n",
        donors=[("Olaf Berg", "Olaf", "Berg", "person"), ("Nora Berg", "Nora", "Berg", "person")],
    ),
    "German headers": Case(
        "Vorname;Nachname;E-Mail;PLZ;Ort;Straße\nZoë;Müller;z@x.example;01067;Dresden;Weg 1\n",
        values=("donor_address.street", ["Weg 1"]),
    ),
    "French names": Case(
        "Nom;Prénom;Montant;Date du don;Mode de paiement\n"
        "Dupont;Marie;50,00 €;05/03/2025;Chèque\nMartin;Luc;1 250,50 €;16/03/2025;Virement\n",
        gifts=[
            ("Marie Dupont", "50", "EUR", "2025-03-05"),
            ("Luc Martin", "1250.5", "EUR", "2025-03-16"),
        ],
    ),
    "a whole name beside a first name": Case(
        "Name,First name,Email\nOlaf Berg,Olaf,o@x.example\n",
        donors=[("Olaf Berg", "Olaf", None, "person")],
    ),
    "an address book": Case(
        "Name,Given Name,Family Name,E-mail 1 - Value,Phone 1 - Value,Address 1 - Street,"
        "Address 1 - City\nOlaf Berg,Olaf,Berg,o@x.example,555-123-4567,1 Elm St,Troy\n",
        values=("donor_address.city", ["Troy"]),
    ),
    "a day of death": Case(
        "First Name,Last Name,Deceased\nNora,Vale,2020-01-05\nKen,Reed,\n",
        values=("donor.deceased", ["True", "False"]),
        noted=("day_not_kept",),
    ),
    "the same headers twice": Case(
        "Name,Email,Email\nOlaf Berg,a@x.example,b@x.example\n",
        values=("donor_email.email", ["a@x.example", "b@x.example"]),
    ),
    "donors with the day they were added": Case(
        "First Name,Last Name,Email,Created\nOlaf,Berg,o@x.example,2025-03-16\n",
        donors=[("Olaf Berg", "Olaf", "Berg", "person")],
        unused=("Created",),
    ),
    "headers without a name": Case(
        "Name,Email,,\nOlaf Berg,o@x.example,1,2\n",
        donors=[("Olaf Berg", "Olaf", "Berg", "person")],
    ),
}
READING = {
    "Central European letters": Case(
        "First Name;Last Name;City\nGergő;Szűcs;Győr\nŐrs;Kovács;Pécs\nÁgnes;Tóth;Szőny\n".encode(
            "cp1250"
        ),
        donors=[
            ("Gergő Szűcs", "Gergő", "Szűcs", "person"),
            ("Őrs Kovács", "Őrs", "Kovács", "person"),
            ("Ágnes Tóth", "Ágnes", "Tóth", "person"),
        ],
    ),
    "an old Macintosh": Case(
        ("Name,City\n" + "".join(f"Zoë Müller {n},Zürich\n" for n in range(40))).encode(
            "mac-roman"
        ),
        values=("donor_address.city", ["Zürich"] * 40),
    ),
    "Japanese": Case(
        ("Name,City\n" + "山田太郎,東京都\n佐藤花子,大阪市\n鈴木一郎,京都市\n" * 20).encode(
            "shift-jis"
        ),
        values=("donor_address.city", ["東京都", "大阪市", "京都市"]),
    ),
    "a quotation mark not closed": Case(
        'Name,Amount,Date,Note\nOlaf Berg,50,2025-04-07,ok\nNora Vale,20,2025-04-08,"check 5\n'
        "Ken Reed,30,2025-04-09,ok\nUlla Farn,40,2025-04-10,ok\n",
        gifts=[
            ("Olaf Berg", "50", "USD", "2025-04-07"),
            ("Nora Vale", "20", "USD", "2025-04-08"),
            ("Ken Reed", "30", "USD", "2025-04-09"),
            ("Ulla Farn", "40", "USD", "2025-04-10"),
        ],
    ),
    "a donor whose name looks like a trailer": Case(
        "Name,Email,Phone,Street,City,Amount,Date\nConfidential Giver,,,,,50,2025-04-07\n"
        "Total Wine,,,,,20,2025-04-08\n",
        gifts=[
            ("Confidential Giver", "50", "USD", "2025-04-07"),
            ("Total Wine", "20", "USD", "2025-04-08"),
        ],
    ),
}
LINKED = {
    "contacts, then contributions": Case(
        "External Identifier,Total Amount,Receive Date,Financial Type,Transaction ID\n"
        "olaf,65,2025-04-07,Donation,999\n",
        gifts=[("Olaf Berg", "65", "USD", "2025-04-07")],
        donors=[("Olaf Berg", "Olaf", "Berg", "person")],
        before=("First Name,Last Name,Email,External Identifier\nOlaf,Berg,o@x.example,olaf\n",),
    ),
    "the same id and name in a plain file": Case(
        "Contact ID,Display Name,Total Amount,Financial Type,Date Received\n"
        "7,Olaf Berg,65.00,Donation,2025-04-07 10:00:00\n",
        gifts=[("Olaf Berg", "65", "USD", "2025-04-07")],
        donors=[("Olaf Berg", "Olaf", "Berg", "person")],
        before=("Contact ID,First Name,Last Name\n7,Olaf,Berg\n",),
    ),
    "the same id of another person": Case(
        "Contact ID,Display Name,Total Amount,Financial Type,Date Received\n"
        "7,Nora Vale,65.00,Donation,2025-04-07 10:00:00\n",
        gifts=[("Nora Vale", "65", "USD", "2025-04-07")],
        donors=[("Olaf Berg", "Olaf", "Berg", "person"), ("Nora Vale", "Nora", "Vale", "person")],
        before=("Contact ID,First Name,Last Name\n7,Olaf,Berg\n",),
    ),
}
CASES = NAMES | CELLS | READING | LINKED
