"""An archive that ``firstlight archive serve`` serves, and the official clients pointed at it."""

import pytest
from clients import client, pointed_at, serving


@pytest.fixture(scope="session")
def folder(command, tmp_path_factory):
    """A simulated archive."""
    folder = tmp_path_factory.mktemp("archive")
    command("simulate", "archive", folder, "--size", 64, "--darks", 4, "--seed", 5, "--quiet")
    return folder


@pytest.fixture(scope="session")
def archive(folder):
    """The simulated archive, served."""
    with serving(folder) as ready:
        yield ready


@pytest.fixture
def observations(archive):
    """astroquery's ``Observations``, pointed at the archive."""
    yield from pointed_at(archive["url"])


@pytest.fixture
def crds(archive, tmp_path):
    """Runs the official ``crds`` with these words, on an empty cache; gives back its log."""
    return client(archive["url"], tmp_path / "crds_cache")
