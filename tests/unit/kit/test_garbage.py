"""Garbage collection is off in the block alone, however the block ends."""

import gc

import pytest

from app.kit.garbage import without_collection


def test_nothing_is_collected_in_the_block_alone() -> None:
    with without_collection():
        assert not gc.isenabled()
    assert gc.isenabled()
    with pytest.raises(KeyError), without_collection():
        raise KeyError
    assert gc.isenabled()


def test_what_the_first_block_of_a_process_made_is_never_looked_at_again() -> None:
    gc.unfreeze()
    with without_collection():
        made: list[object] = [[]]
    assert not any(each is made for each in gc.get_objects())
    frozen = gc.get_freeze_count()
    assert frozen
    with without_collection():
        later: list[object] = [[]]
    assert any(each is later for each in gc.get_objects())
    assert gc.get_freeze_count() <= frozen
    gc.unfreeze()
