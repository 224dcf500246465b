"""Labels of the switches: what counts as a donor, and which giving."""

from app.donors import Credit, Unit

# by the values of `Unit` and `Credit`
UNITS = {Unit.PERSON.value: "A person", Unit.HOUSEHOLD.value: "A household"}
CREDITS = {
    Credit.HARD.value: "Own gifts",
    Credit.SOFT.value: "Soft credits",
    Credit.BOTH.value: "Both",
}
