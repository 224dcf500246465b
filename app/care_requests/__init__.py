"""Prayer and care requests of donors: an optional module."""

from app.care_requests.service import (
    CareRequestLine,
    Page,
    add,
    answer,
    change,
    for_donor,
    page,
    remove,
    reopen,
)

__all__ = [
    "CareRequestLine",
    "Page",
    "add",
    "answer",
    "change",
    "for_donor",
    "page",
    "remove",
    "reopen",
]
