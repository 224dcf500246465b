"""A change is announced to every function that was connected, once each, in order."""

from app.kit.hooks import Hook


def test_every_listener_is_called_in_order_and_once():
    heard: list[tuple[str, int]] = []
    hook: Hook[[int]] = Hook()
    hook.send(1)

    def first(number: int) -> None:
        heard.append(("first", number))

    def second(number: int) -> None:
        heard.append(("second", number))

    for listener in (first, second, first):
        hook.connect(listener)
    hook.send(2)
    assert heard == [("first", 2), ("second", 2)]
