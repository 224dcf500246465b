"""Run a command of the settings in this process."""

import sys
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import URL

from app.cli import main
from app.db.session import dispose


@pytest.fixture
def app(
    database: URL, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Callable[..., str]]:
    """Run a command in this process; return what it prints, its error last."""

    def app(*arguments: str) -> str:
        monkeypatch.setattr(sys, "argv", ["app", *arguments])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        printed = capsys.readouterr()
        assert bool(printed.err) == bool(ended.value.code)
        return printed.out + printed.err

    yield app
    dispose()
