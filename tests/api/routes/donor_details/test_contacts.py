"""The contact log and the consents of a donor through the API."""

from tests.api.conftest import Book


def test_a_contact_is_logged_once_and_deleted(book: Book) -> None:
    ruth, donor = book.caller("ruth"), book.ids["donor"]
    body = {"kind": "meeting", "text": "Coffee", "at": "2026-11-20T09:30:00+01:00"}
    headers = {"Idempotency-Key": "one"}
    address = f"donors/{donor}/contacts"
    made = [ruth("POST", address, json=body, headers=headers).json()["id"] for _ in range(2)]
    assert made[0] == made[1]
    shown = ruth("GET", f"donors/{donor}").json()
    assert shown["last_contacted_on"] == "2026-11-20"
    assert ruth("DELETE", f"contacts/{made[0]}").json() == {"done": True}
    assert ruth("GET", f"donors/{donor}").json()["last_contacted_on"] != "2026-11-20"
    assert ruth("DELETE", f"contacts/{made[0]}").status_code == 404


def test_a_contact_of_tomorrow_or_of_no_kind_is_refused(book: Book) -> None:
    ruth, address = book.caller("ruth"), f"donors/{book.ids['donor']}/contacts"
    for wrong in (
        {"kind": "pigeon"},
        {"kind": "call", "at": "2190-01-01T09:30:00Z"},
        {"kind": "call", "at": "0001-01-01T00:00:00+14:00"},
        {"kind": "call", "at": "2026-11-20T09:30:00"},
        {"kind": "call", "at": 0},
        {"kind": "call", "at": "0"},
    ):
        assert ruth("POST", address, json=wrong).status_code == 422, wrong


def test_a_contact_is_corrected_deleted_and_restored(book: Book) -> None:
    ruth, donor = book.caller("ruth"), book.ids["donor"]
    body = {"kind": "call", "text": "Tea", "at": "2026-11-20T09:30:00Z"}
    made = ruth("POST", f"donors/{donor}/contacts", json=body).json()["id"]
    address = f"contacts/{made}"
    read = ruth("GET", address).json()
    assert (read["kind"], read["text"], read["donor_id"]) == ("call", "Tea", donor)
    new = body | {"text": "Coffee", "at": "2026-11-18T09:30:00Z", "version": read["version"]}
    assert ruth("PATCH", address, json=new).json() == {"done": True}
    assert ruth("PATCH", address, json=new | {"text": "Milk"}).status_code == 409
    assert ruth("GET", f"donors/{donor}").json()["last_contacted_on"] == "2026-11-18"
    for wrong in ({"kind": "pigeon"}, {"at": "2190-01-01T09:30:00Z"}, {"text": "x" * 4_001}):
        assert ruth("PATCH", address, json=new | wrong).status_code == 422, wrong
    ruth("DELETE", address)
    assert ruth("GET", address).status_code == 404
    assert ruth("POST", f"{address}/restore").json() == {"done": True}
    assert ruth("GET", address).json()["text"] == "Coffee"
    assert ruth("POST", f"{address}/restore").status_code == 409


def test_a_consent_is_recorded_and_read(book: Book) -> None:
    ruth, address = book.caller("ruth"), f"donors/{book.ids['donor']}/consents"
    body = {"channel": "email", "granted": False, "source": "By phone", "given_on": "2026-11-02"}
    assert ruth("POST", address, json=body).status_code == 201
    assert ruth("GET", address).json()["items"] == [
        {
            "channel": "email",
            "purpose": "everything",
            "granted": False,
            "source": "By phone",
            "given_on": "2026-11-02",
            "by": "Ruth Adler",
        }
    ]
    donor = ruth("GET", f"donors/{book.ids['donor']}").json()
    assert donor["no_email"] is True
    for wrong in ({"source": ""}, {"given_on": "2190-01-01"}, {"channel": "pigeon"}):
        assert ruth("POST", address, json=body | wrong).status_code == 422, wrong
