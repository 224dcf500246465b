"""A hook calls every connected function once, in order."""

from app.kit.hooks import Hook


def test_every_listener_is_called_in_order_and_once() -> None:
    calls: list[tuple[str, int]] = []
    hook: Hook[[int]] = Hook()
    hook.send(1)

    def first(number: int) -> None:
        calls.append(("first", number))

    def second(number: int) -> None:
        calls.append(("second", number))

    for listener in (first, second, first):
        hook.connect(listener)
    hook.send(2)
    assert calls == [("first", 2), ("second", 2)]
