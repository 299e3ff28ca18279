"""The local archive from Python: simulated, served, stopped."""

import json
import pathlib
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request

import pytest

import firstlight


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("archive")
    report = firstlight.archive.simulate(folder, size=64, darks=2)
    assert len(report["exposures"]) == 18
    return folder


def ask(url, service, **params):
    request = json.dumps({"service": service, "params": params, "format": "json"})
    form = urllib.parse.urlencode({"request": request}).encode()
    with urllib.request.urlopen(url + "/api/v0/invoke", form) as answer:
        return json.load(answer)


def test_serves_until_the_block_ends(folder):
    with firstlight.archive.serve(folder) as archive:
        assert archive.url == f"http://127.0.0.1:{archive.port}"
        assert archive.context == "hst_0002.pmap"
        assert archive.contents["observations"] == 6
        assert archive.contents["left_out"] == []
        filters = [{"paramName": "obs_id", "values": [], "freeText": "jsim11%"}]
        found = ask(archive.url, "Mast.Caom.Filtered", columns="*", filters=filters)
        assert [row["obs_id"] for row in found["data"]] == [f"jsim110{n}0" for n in range(1, 5)]
        uri = "/api/v0.1/Download/file?uri=mast:HST/product/jsim11010_asn.fits"
        with urllib.request.urlopen(archive.url + uri) as answer:
            assert answer.read() == (folder / "science/jsim11010_asn.fits").read_bytes()
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(archive.url)
    archive.stop()


def test_bad_files_are_named_and_the_rest_is_served(folder, tmp_path):
    good = pathlib.Path(folder, "darks/jsim01iiq_raw.fits").read_bytes()
    (tmp_path / "jsim01iiq_raw.fits").write_bytes(good)
    (tmp_path / "html_flt.fits").write_text("<html>error</html>")
    (tmp_path / "short_raw.fits").write_bytes(good[:20000])
    with firstlight.archive.serve(tmp_path) as archive:
        assert archive.contents["observations"] == 1
        assert archive.context is None
        left_out = {pathlib.Path(bad["path"]).name: bad["reason"] for bad in archive.contents["left_out"]}
    assert "HTML" in left_out["html_flt.fits"]
    assert set(left_out) == {"html_flt.fits", "short_raw.fits"}


def test_index_reads_only_what_has_changed(folder, tmp_path):
    index = tmp_path / "index.sqlite"
    for read in [30, 0]:
        with firstlight.archive.serve(folder, index=index) as archive:
            assert (archive.contents["read"] > 0) == (read > 0)


def test_refusals(folder, tmp_path):
    with pytest.raises(firstlight.InputError, match="no folder"):
        firstlight.archive.serve(tmp_path / "none")
    with pytest.raises(firstlight.InputError, match="no CRDS cache"):
        firstlight.archive.serve(folder, crds=tmp_path)
    with pytest.raises(firstlight.InputError, match="hst_9999.pmap"):
        firstlight.archive.serve(folder, context="hst_9999.pmap")
    with firstlight.archive.serve(folder) as archive, pytest.raises(OSError, match="cannot be listened on"):
        firstlight.archive.serve(folder, port=archive.port)


def test_stops_at_the_end_of_python(folder):
    script = "import sys, firstlight; print(firstlight.archive.serve(sys.argv[1]).url)"
    done = subprocess.run([sys.executable, "-c", script, str(folder)], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0 and done.stdout.startswith("http://127.0.0.1:"), done.stderr
