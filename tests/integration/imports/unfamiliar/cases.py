"""Small files as other systems and people write them, each with what must come of it."""

from dataclasses import dataclass

Gift = tuple[str, str, str, str]
Pledge = tuple[str, str, str, str]
Donor = tuple[str, str | None, str | None, str]


@dataclass(frozen=True)
class Case:
    """A file and what it makes; None is not looked at."""

    data: str | bytes
    gifts: list[Gift] | None = None
    donors: list[Donor] | None = None
    pledges: list[Pledge] | None = None
    # (table of donors' values, values in the order of the donors)
    values: tuple[str, list[str]] | None = None
    before: tuple[str, ...] = ()
    left_out: tuple[int, ...] = ()
    refused: int = 0
    time_zone: str = "UTC"
    noted: tuple[str, ...] = ()
    unused: tuple[str, ...] = ()


EUROS = "Name;Betrag;Datum\n"
PLAIN = "Name,Amount,Date\n"
STRIPE = (
    "id,Created date (UTC),Amount,Amount Refunded,Currency,Captured,Fee,Status,Description,"
    "Customer Email,Customer Name\n"
)
PAYPAL = (
    '"Date","Time","TimeZone","Name","Type","Status","Currency","Gross","Fee","Net",'
    '"From Email Address","To Email Address","Transaction ID","Reference Txn ID","Subject","Note",'
    '"Balance Impact"\n'
)
TNT = (
    "ContactID,File As,Full Name,First/Given Name,Last/Family Name,Pledge Amount,"
    "Pledge Frequency,Pledge Start Date,MPD Phase\n"
)

AMOUNTS = {
    "no cents with a comma": Case(
        EUROS + "Ida Holm;75,-;07.04.2025\nPer Lind;12,50;19.04.2025\n",
        [("Ida Holm", "75", "USD", "2025-04-07"), ("Per Lind", "12.50", "USD", "2025-04-19")],
    ),
    "no cents with two dashes": Case(
        EUROS + "Ida Holm;75,--;07.04.2025\nPer Lind;12,50;19.04.2025\n",
        [("Ida Holm", "75", "USD", "2025-04-07"), ("Per Lind", "12.50", "USD", "2025-04-19")],
    ),
    "no cents and a currency": Case(
        EUROS + "Ida Holm;EUR 75,-;07.04.2025\nPer Lind;12,50;19.04.2025\n",
        [("Ida Holm", "75", "EUR", "2025-04-07"), ("Per Lind", "12.50", "USD", "2025-04-19")],
    ),
    "a second amount without cents is no refund": Case(
        EUROS + "Ida Holm;75,00;07.03.2025\nIda Holm;75,-;07.04.2025\nPer Lind;9,5;19.04.2025\n",
        [
            ("Ida Holm", "75", "USD", "2025-03-07"),
            ("Ida Holm", "75", "USD", "2025-04-07"),
            ("Per Lind", "9.50", "USD", "2025-04-19"),
        ],
    ),
    "crowns with a point": Case(
        EUROS + "Ida Holm;75,00 kr.;07.04.2025\nPer Lind;12,50;19.04.2025\n",
        [("Ida Holm", "75", "SEK", "2025-04-07"), ("Per Lind", "12.50", "USD", "2025-04-19")],
    ),
    "rupees": Case(
        PLAIN + "Asha Rao,Rs. 500,2025-04-07\n", [("Asha Rao", "500", "INR", "2025-04-07")]
    ),
    "francs": Case(
        PLAIN + "Urs Frei,SFr. 50.00,2025-04-07\nAnn Egli,Fr. 20.-,2025-04-08\n",
        [("Urs Frei", "50", "CHF", "2025-04-07"), ("Ann Egli", "20", "CHF", "2025-04-08")],
    ),
    "invisible characters": Case(
        PLAIN + "Urs Frei,\u200b50.00,\u200e2025-04-07\n",
        [("Urs Frei", "50", "USD", "2025-04-07")],
    ),
    "a currency in the header": Case(
        "Name,Amount (EUR),Date\nIda Holm,1800.00,2025-04-07\n",
        [("Ida Holm", "1800", "EUR", "2025-04-07")],
    ),
    "other words for amount and date": Case(
        "Donor,Gift,Gift Date\nIda Holm,75,2025-04-07\n",
        [("Ida Holm", "75", "USD", "2025-04-07")],
    ),
    "date of donation": Case(
        "Donor Name,Amount (USD),Date of donation\nIda Holm,75,2025-04-07\n",
        [("Ida Holm", "75", "USD", "2025-04-07")],
    ),
    "money in and out": Case(
        "Date;Name;Debit;Credit\n07.04.2025;Ida Holm;;75,00\n19.04.2025;Power Ltd;410,00;\n",
        [("Ida Holm", "75", "USD", "2025-04-07")],
        left_out=(3,),
    ),
    "names and signs of currencies": Case(
        "Name,Amount,Currency,Date\nIda Holm,75,€,2025-04-07\nPer Lind,5,US Dollar,2025-04-07\n"
        "Urs Frei,20,Schweizer Franken,2025-04-07\n",
        [
            ("Ida Holm", "75", "EUR", "2025-04-07"),
            ("Per Lind", "5", "USD", "2025-04-07"),
            ("Urs Frei", "20", "CHF", "2025-04-07"),
        ],
    ),
    "a bank in Hungarian": Case(
        "Dátum\tNév\tÖsszeg\tDeviza\n2025.04.07\tIda Holm\t262 250\tEUR\n".encode("utf-16"),
        [("Ida Holm", "262250", "EUR", "2025-04-07")],
    ),
}
DATES = {
    "a time in words": Case(
        PLAIN + 'Ida Holm,7,"April 7, 2025 at 3:04 PM"\n',
        [("Ida Holm", "7", "USD", "2025-04-07")],
    ),
    "the month in the middle": Case(
        PLAIN + "Ida Holm,7,2025-Apr-07\n", [("Ida Holm", "7", "USD", "2025-04-07")]
    ),
    "Dutch": Case(
        PLAIN + "Ida Holm,7,7 mei 2025\nPer Lind,8,6 maart 2025\n",
        [("Ida Holm", "7", "USD", "2025-05-07"), ("Per Lind", "8", "USD", "2025-03-06")],
    ),
    "Spanish and Chinese": Case(
        PLAIN + "Ida Holm,7,7 de mayo de 2025\nLi Wei,8,2025年3月6日\n",
        [("Ida Holm", "7", "USD", "2025-05-07"), ("Li Wei", "8", "USD", "2025-03-06")],
    ),
    "a header with an addition": Case(
        "Name,Amount,Transaction Date (UTC)\nIda Holm,7,2025-04-01 02:30:00\n",
        [("Ida Holm", "7", "USD", "2025-03-31")],
        time_zone="America/New_York",
    ),
    "a stamp in UTC": Case(
        STRIPE + "ch_1,2025-04-01 02:30:00,90,0.00,usd,TRUE,3,Paid,Gift,i@x.example,Ida Holm\n",
        [("Ida Holm", "90", "USD", "2025-03-31")],
        time_zone="America/New_York",
    ),
}
STATUSES = {
    "a column of statuses": Case(
        "Name,Amount,Date,Status\nIda Holm,75,2025-04-07,Completed\n"
        "Per Lind,20,2025-04-08,Failed\n"
        "Ulla Farn,30,2025-04-08,Refunded\nKen Reed,10,2025-04-08,Pending\n",
        [("Ida Holm", "75", "USD", "2025-04-07")],
        donors=[("Ida Holm", "Ida", "Holm", "person")],
        left_out=(3, 4, 5),
    ),
    "an unknown status": Case(
        "Name,Amount,Date,Status\nIda Holm,75,2025-04-07,Completed\n"
        "Ken Reed,9,2025-04-08,Wibble\n",
        [("Ida Holm", "75", "USD", "2025-04-07")],
        donors=[("Ida Holm", "Ida", "Holm", "person")],
        refused=1,
    ),
    "a part refunded": Case(
        STRIPE
        + "ch_1,2025-04-07 12:00:00,90,40.00,usd,TRUE,3,Refunded,Gift,p@x.example,Per Lind\n"
        + "ch_2,2025-04-07 12:00:00,10,0.00,usd,TRUE,1,Paid,Gift,i@x.example,Ida Holm\n",
        [
            ("Per Lind", "90", "USD", "2025-04-07"),
            ("Per Lind", "-40", "USD", "2025-04-07"),
            ("Ida Holm", "10", "USD", "2025-04-07"),
        ],
    ),
    "refunded as a whole, and here already": Case(
        STRIPE + "ch_1,2025-04-07 12:00:00,90,90,usd,TRUE,3,Refunded,Gift,p@x.example,Per Lind\n",
        [("Per Lind", "90", "USD", "2025-04-07"), ("Per Lind", "-90", "USD", "2025-04-07")],
        before=(
            STRIPE + "ch_1,2025-04-07 12:00:00,90,0,usd,TRUE,3,Paid,Gift,p@x.example,Per Lind\n",
        ),
    ),
    "payments that are no donations": Case(
        PAYPAL
        + '"04/17/2025","08:00:00","UTC","Ida Holm","Website Payment","Completed","USD","40.00",'
        '"-1.00","39.00","i@x.example","office@x.example","T1","","","","Credit"\n'
        '"04/18/2025","08:00:00","UTC","Web Host","Website Payment","Completed","USD","-9.00",'
        '"0.00","-9.00","office@x.example","host@x.example","T2","","","","Debit"\n'
        '"04/19/2025","08:00:00","UTC","","General Withdrawal","Completed","USD","-31.00",'
        '"0.00","-31.00","office@x.example","","T3","","","","Debit"\n',
        [("Ida Holm", "40", "USD", "2025-04-17")],
        donors=[("Ida Holm", "Ida", "Holm", "person")],
        left_out=(3, 4),
    ),
    "a refund sent by the organisation": Case(
        PAYPAL
        + '"04/17/2025","08:00:00","UTC","Ida Holm","Donation Payment","Completed","USD","40.00",'
        '"-1.00","39.00","i@x.example","office@x.example","T1","","","","Credit"\n'
        '"04/20/2025","08:00:00","UTC","Ida Holm","Payment Refund","Completed","USD","-40.00",'
        '"1.00","-39.00","office@x.example","i@x.example","T2","T1","","","Debit"\n',
        [("Ida Holm", "40", "USD", "2025-04-17"), ("Ida Holm", "-40", "USD", "2025-04-20")],
        donors=[("Ida Holm", "Ida", "Holm", "person")],
    ),
    "a contribution not completed": Case(
        "Contact ID,Display Name,Total Amount,Financial Type,Contribution Date,"
        "Contribution Status,Transaction ID\n"
        "7,Ida Holm,65.00,Donation,2025-04-07 10:00:00,Completed,t1\n"
        "8,Per Lind,20.00,Donation,2025-04-08 10:00:00,Refunded,t2\n"
        "9,Ken Reed,30.00,Donation,2025-04-09 10:00:00,Pending,t3\n",
        [("Ida Holm", "65", "USD", "2025-04-07")],
        donors=[("Ida Holm", "Ida", "Holm", "person")],
        left_out=(4,),
    ),
    "a form's donations": Case(
        "Donation ID,First Name,Last Name,Email,Donation Total,Currency Code,Donation Status,"
        "Donation Date,Payment Gateway,Form Title\n"
        '11,Ida,Holm,i@x.example,"$1,000.00",USD,Complete,27/10/2024,stripe,Main form\n'
        "12,Ida,Holm,i@x.example,$5.00,USD,Failed,11/11/2024,stripe,Main form\n",
        [("Ida Holm", "1000", "USD", "2024-10-27")],
        left_out=(3,),
    ),
    "a type that holds methods": Case(
        "DONOR_ID,FIRST_NAME,LAST_NAME,GIFT_DATE,AMOUNT,GL_CODE,GIFT_TYPE\n"
        "1,Ida,Holm,04/17/2025,50.00,GEN,CK\n2,Per,Lind,04/18/2025,20.00,GEN,CC\n",
        [("Ida Holm", "50", "USD", "2025-04-17"), ("Per Lind", "20", "USD", "2025-04-18")],
    ),
    "marks that are no kind": Case(
        "Name,Amount,Date,Gift Type\nIda Holm,50,2025-04-17,✓\nPer Lind,20,2025-04-18,☑\n",
        [("Ida Holm", "50", "USD", "2025-04-17"), ("Per Lind", "20", "USD", "2025-04-18")],
        unused=("Gift Type",),
    ),
    "a promise among donations": Case(
        "Name,Amount,Date,Type\nIda Holm,50,2025-04-17,Donation\nPer Lind,20,2025-04-18,Pledge\n",
        [("Ida Holm", "50", "USD", "2025-04-17")],
        donors=[("Ida Holm", "Ida", "Holm", "person")],
        left_out=(3,),
    ),
    "paid, or not": Case(
        "Name,Amount,Date,Paid\nIda Holm,50,2025-04-17,Yes\nPer Lind,20,2025-04-18,No\n",
        [("Ida Holm", "50", "USD", "2025-04-17")],
        left_out=(3,),
    ),
    "an accountant's types": Case(
        "Date,Transaction Type,Num,Name,Amount\n04/17/2025,Sales Receipt,1001,Ida Holm,50.00\n"
        "04/18/2025,Refund,1002,Ida Holm,-50.00\n",
        [("Ida Holm", "50", "USD", "2025-04-17"), ("Ida Holm", "-50", "USD", "2025-04-18")],
        unused=("Num",),
    ),
    "words for methods": Case(
        "Name,Amount,Date,Payment Method\nIda Holm,1,2025-04-07,Credit Card (Visa)\n"
        "Per Lind,2,2025-04-07,Check #1234\nKen Reed,3,2025-04-07,Crypto\n",
        [
            ("Ida Holm", "1", "USD", "2025-04-07"),
            ("Per Lind", "2", "USD", "2025-04-07"),
            ("Ken Reed", "3", "USD", "2025-04-07"),
        ],
        noted=("value_unknown",),
    ),
}
PLEDGES = {
    "words for frequencies": Case(
        "Name,Amount,Frequency,Start\nIda Holm,10,semi_annual,2025-01-01\n"
        "Per Lind,10,bi weekly,2025-01-01\nKen Reed,10,Every-Month,2025-01-01\n"
        "Ulla Farn,10,Every Four Months,2025-01-01\n",
        pledges=[
            ("Ida Holm", "10", "semiannual", "2025-01-01"),
            ("Ken Reed", "10", "monthly", "2025-01-01"),
            ("Per Lind", "10", "biweekly", "2025-01-01"),
        ],
        refused=1,
    ),
    "months from gift to gift": Case(
        TNT + "1,,Ida Holm,Ida,Holm,120,0.230769230769231,1/15/2025,60\n"
        "2,,Per Lind,Per,Lind,120,3,1/15/2025,60\n3,,Ken Reed,Ken,Reed,120,12,1/15/2025,60\n",
        pledges=[
            ("Ida Holm", "120", "weekly", "2025-01-15"),
            ("Ken Reed", "120", "annual", "2025-01-15"),
            ("Per Lind", "120", "quarterly", "2025-01-15"),
        ],
    ),
    "phases as numbers": Case(
        TNT + "1,,Ida Holm,Ida,Holm,,,,10\n2,,Per Lind,Per,Lind,,,,90\n",
        donors=[("Ida Holm", "Ida", "Holm", "person"), ("Per Lind", "Per", "Lind", "person")],
        values=("donor.status", ["prospect", "declined"]),
    ),
    "a pledge without a start": Case(
        TNT + "1,,Ida Holm,Ida,Holm,120,1,,60\n",
        pledges=[("Ida Holm", "120", "monthly", "2026-11-23")],
        noted=("start_assumed",),
    ),
}
SYSTEMS = {
    "GiveWP: tests are no gifts": Case(
        "Donation ID,Donation Number,Donation Total,Currency Code,Donation Status,Donation Date,"
        "Donation Time,Payment Gateway,Payment Mode,Form Title,First Name,Last Name,"
        "Email Address,Company Name,Address 1,Address 2,City,Zip,Donor Comment,Donor ID\n"
        '41,41,75.00,USD,Complete,"April 7, 2025",3:04 PM,PayPal,live,Well,Ida,Holm,'
        "ida@holm.example,,8 Fir Rd,,Troy,12180,Keep well,7\n"
        '42,42,20.00,USD,Complete,"April 8, 2025",3:04 PM,Stripe,test,Well,Per,Lind,'
        "per@lind.example,,,,,,,8\n"
        '43,43,30.00,USD,Failed,"April 9, 2025",3:04 PM,Stripe,live,Well,Per,Lind,'
        "per@lind.example,,,,,,,8\n",
        [("Ida Holm", "75", "USD", "2025-04-07")],
        values=("donor_address.street", ["8 Fir Rd"]),
        left_out=(3, 4),
    ),
    "DonorPerfect: a record of type P is a promise": Case(
        "DONOR_ID,FIRST_NAME,LAST_NAME,ADDRESS,CITY,ZIP,EMAIL,HOME_PHONE,GIFT_ID,GIFT_DATE,"
        "AMOUNT,RECORD_TYPE,GIFT_TYPE,GL_CODE\n"
        "7,Ida,Holm,8 Fir Rd,Troy,12180,ida@holm.example,555-0170,901,4/17/2025,75.00,G,CHECK,"
        "WELL\n"
        "8,Per,Lind,,,,per@lind.example,,902,4/18/2025,900.00,P,CHECK,WELL\n",
        [("Ida Holm", "75", "USD", "2025-04-17")],
        [("Ida Holm", "Ida", "Holm", "person"), ("Per Lind", "Per", "Lind", "person")],
        left_out=(3,),
    ),
    "Kindful: one column for surnames and organisations": Case(
        "Transaction ID,Contact ID,First Name,Last Name or Organization,Email,"
        "Transaction Amount,Transaction Date,Transaction Type,Fund\n"
        "t1,k1,Ida,Holm,ida@holm.example,$75.00,2025-04-17,Credit,Well\n"
        "t2,k2,,Fir Works Inc,office@fir.example,$250.00,2025-04-18,Check,Well\n",
        [
            ("Ida Holm", "75", "USD", "2025-04-17"),
            ("Fir Works Inc", "250", "USD", "2025-04-18"),
        ],
        [
            ("Ida Holm", "Ida", "Holm", "person"),
            ("Fir Works Inc", None, "Fir Works Inc", "organisation"),
        ],
        noted=(),
    ),
    "QuickBooks: the other account is no split over funds": Case(
        "Date,Transaction Type,Num,Name,Memo/Description,Account,Split,Amount\n"
        "04/17/2025,Sales Receipt,1001,Ida Holm,Spring,Donations,Checking,75.00\n"
        "04/18/2025,Payment,1002,Per Lind,,Donations,-Split-,25.00\n",
        [("Ida Holm", "75", "USD", "2025-04-17"), ("Per Lind", "25", "USD", "2025-04-18")],
        unused=("Num", "Account", "Split"),
    ),
    "Google Contacts": Case(
        "First Name,Middle Name,Last Name,Name Prefix,Organization Name,Labels,"
        "E-mail 1 - Label,E-mail 1 - Value,E-mail 2 - Label,E-mail 2 - Value,Phone 1 - Label,"
        "Phone 1 - Value,Address 1 - Street,Address 1 - City,Address 1 - Postal Code\n"
        "Ida,,Holm,,,* myContacts,* Home,ida@holm.example,Work,ida@work.example,Mobile,"
        "+1 555 0170,8 Fir Rd,Troy,12180\n",
        donors=[("Ida Holm", "Ida", "Holm", "person")],
        values=("donor_email.email", ["ida@holm.example", "ida@work.example"]),
    ),
}
CASES = AMOUNTS | DATES | STATUSES | PLEDGES | SYSTEMS
