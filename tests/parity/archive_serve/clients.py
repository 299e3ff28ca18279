"""A local archive for the time of a test, and the official clients pointed at it."""

import contextlib
import json
import os
import subprocess
import sys

import pytest


@contextlib.contextmanager
def serving(folder, *words):
    """Serves a folder; the value is what the command tells when it is ready, with ``url``."""
    if "FIRSTLIGHT_BIN" not in os.environ:
        pytest.skip("FIRSTLIGHT_BIN is not set")
    line = [os.environ["FIRSTLIGHT_BIN"], "archive", "serve", str(folder), "--json", *map(str, words)]
    server = subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        ready = server.stdout.readline()
        assert ready, f"{' '.join(line)}: exit code {server.wait()}"
        yield json.loads(ready)
    finally:
        server.terminate()
        assert server.wait(timeout=20) == 0
        server.stdout.close()


def pointed_at(url):
    """astroquery has its addresses in class attributes that are made when it is imported."""
    from astroquery.mast import Observations, conf
    from astroquery.mast.discovery_portal import PortalAPI

    addresses = {
        "MAST_REQUEST_URL": "/api/v0/invoke",
        "COLUMNS_CONFIG_URL": "/portal/Mashup/Mashup.asmx/columnsconfig",
        "MAST_DOWNLOAD_URL": "/api/v0.1/Download/file",
        "MAST_BUNDLE_URL": "/api/v0.1/Download/bundle",
    }
    with pytest.MonkeyPatch.context() as patch, conf.set_temp("server", url):
        for name, path in addresses.items():
            patch.setattr(PortalAPI, name, url + path)
        patch.setattr(PortalAPI, "_column_configs", {})
        # The resolver of names is asked by its own host name, over plain HTTP: through this archive.
        patch.setenv("http_proxy", url)
        patch.setenv("no_proxy", "127.0.0.1,localhost")
        yield Observations


def client(url, cache):
    """The official ``crds``, on this server and cache."""
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("CRDS")},
        "CRDS_SERVER_URL": url,
        "CRDS_OBSERVATORY": "hst",
        "CRDS_PATH": str(cache),
    }

    def run(module, *words):
        line = [sys.executable, "-m", f"crds.{module}", *map(str, words)]
        done = subprocess.run(line, capture_output=True, text=True, env=environment)
        log = done.stdout + done.stderr
        assert done.returncode == 0, log
        assert "CRDS - ERROR" not in log, log
        return log

    run.cache = cache
    return run
