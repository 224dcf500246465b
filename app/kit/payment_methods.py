"""How gifts are given, whom they honour and how donors are thanked: the only list of each."""

from typing import Literal, get_args

Method = Literal[
    "cash",
    "check",
    "card",
    "bank transfer",
    "direct debit",
    "online",
    "in kind",
    "stock",
    "other",
]
ThankedHow = Literal["letter", "e-mail", "call", "card", "in person", "text"]
Tribute = Literal["in honour of", "in memory of"]

METHODS: tuple[str, ...] = get_args(Method)
THANKED_HOW: tuple[str, ...] = get_args(ThankedHow)
TRIBUTES: tuple[str, ...] = get_args(Tribute)
