"""The cache of real rules, as a copy that may be written to."""

import shutil

import pytest


@pytest.fixture(scope="session")
def cache(data, tmp_path_factory):
    """A copy of the cache: the official client writes into its own."""
    folder = tmp_path_factory.mktemp("crds") / "cache"
    shutil.copytree(data / "crds/crds_cache", folder)
    for path in [folder, *folder.rglob("*")]:
        path.chmod(path.stat().st_mode | 0o200)
    return folder
