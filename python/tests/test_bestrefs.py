"""Best references: of files and of headers, with rules made for the purpose."""

import hashlib
import json
import os
import signal
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest

import firstlight

SELECTOR = """Match({
    ('WFC', '2.0') : UseAfter({'2002-03-01 00:00:00' : 'a_drk.fits', '2009-05-14 00:00:00' : 'b_drk.fits'}),
    ('SBC', 'N/A') : 'N/A',
})"""


def sealed(header, selector):
    text = f"header = {{\n{header}\n}}\n\nselector = {selector}\n"
    return text.replace("header = {\n", f"header = {{\n    'sha1sum' : '{hashlib.sha1(text.encode()).hexdigest()}',\n")


@pytest.fixture
def cache(tmp_path):
    folder = tmp_path / "cache/mappings/hst"
    folder.mkdir(parents=True)
    own = "'mapping' : 'REFERENCE', 'instrument' : 'ACS', 'filekind' : 'DARKFILE', 'observatory' : 'HST', "
    own += "'parkey' : (('DETECTOR', 'CCDGAIN'), ('DATE-OBS', 'TIME-OBS')),"
    (folder / "hst_acs_darkfile_0001.rmap").write_text(sealed(own, SELECTOR))
    imap = "'mapping' : 'INSTRUMENT', 'instrument' : 'ACS', 'parkey' : ('REFTYPE',), 'observatory' : 'HST',"
    types = "{'darkfile' : 'hst_acs_darkfile_0001.rmap', 'flshfile' : 'N/A'}"
    (folder / "hst_acs_0001.imap").write_text(sealed(imap, types))
    pmap = "'mapping' : 'PIPELINE', 'parkey' : ('INSTRUME',), 'observatory' : 'HST',"
    (folder / "hst_0001.pmap").write_text(sealed(pmap, "{'ACS' : 'hst_acs_0001.imap', 'COS' : 'hst_cos_0001.imap'}"))
    return tmp_path / "cache"


HEADER = {"INSTRUME": "ACS", "DETECTOR": "WFC", "CCDGAIN": 2, "DATE-OBS": "2005-01-01", "TIME-OBS": "12:00:00"}


@pytest.fixture
def ask(cache):
    return dict(context="hst_0001.pmap", cache=cache, offline=True)


def write(path, **changes):
    header = {keyword: value for keyword, value in {**HEADER, **changes}.items() if value is not None}
    firstlight.writeto(path, np.zeros((2, 3), "f4"), header)
    return path


def test_headers(ask):
    assert firstlight.best_references(HEADER, **ask) == {"darkfile": "a_drk.fits", "flshfile": "N/A"}
    rules = firstlight.Rules(**ask, instruments=["ACS"])
    assert rules.context == "hst_0001.pmap" and rules.instruments == ["acs"]
    assert rules.types("ACS") == ["darkfile", "flshfile"] and "CCDGAIN" in rules.keywords("acs")
    assert rules.ask({**HEADER, "DATE-OBS": "2010-01-01"}, ["darkfile"])["darkfile"].file == "b_drk.fits"
    unknown = rules.ask({**HEADER, "DETECTOR": "HRC"})["darkfile"]
    assert unknown.file is None and "DETECTOR is HRC" in unknown.reason
    assert "no rule" in rules.ask({**HEADER, "CCDGAIN": 3})["darkfile"].reason
    assert rules.ask({**HEADER, "DETECTOR": "SBC"})["darkfile"].file == "N/A"


def test_files_are_compared_and_updated(ask, tmp_path):
    path = write(tmp_path / "a_raw.fits", DARKFILE="jref$old_drk.fits")
    before = path.read_bytes()
    report = firstlight.bestrefs(path, **ask)
    assert path.read_bytes() == before
    rows = {row["keyword"]: row for row in report.table}
    assert rows["DARKFILE"]["old"] == "jref$old_drk.fits" and rows["DARKFILE"]["new"] == "jref$a_drk.fits"
    assert rows["DARKFILE"]["state"] == "changed" and rows["FLSHFILE"]["state"] == "added"
    assert report.files[0].status == "differs" and report.context == "hst_0001.pmap"
    report = firstlight.bestrefs(path, update=True, **ask)
    assert report.files[0].status == "updated"
    header = firstlight.getheader(path)
    assert header["DARKFILE"] == "jref$a_drk.fits" and header["FLSHFILE"] == "N/A"
    assert header["CRDS_CTX"] == "hst_0001.pmap" and header["CRDS_VER"].startswith("firstlight ")
    stamp = path.stat().st_mtime_ns
    assert firstlight.bestrefs(path, update=True, **ask).files[0].status == "same"
    assert path.stat().st_mtime_ns == stamp
    pytest.importorskip("astropy")
    assert list(report.to_astropy()["keyword"]) == ["DARKFILE", "FLSHFILE"]


def test_only_what_differs(ask, tmp_path):
    path = write(tmp_path / "a_raw.fits", DARKFILE="jref$old_drk.fits")
    report = firstlight.bestrefs([path], update=True, compare_source=True, types=["darkfile", "flshfile"], **ask)
    assert list(report.table["keyword"]) == ["DARKFILE"]
    header = firstlight.getheader(path)
    assert "FLSHFILE" not in header and header["DARKFILE"] == "jref$a_drk.fits"


def test_files_that_fail_do_not_stop_the_others(ask, tmp_path):
    good = write(tmp_path / "a_raw.fits")
    blank, page = tmp_path / "b_raw.fits", tmp_path / "c_raw.fits"
    blank.touch()
    page.write_text("<html>not found</html>")
    other = write(tmp_path / "d_raw.fits", INSTRUME="FOC")
    none = write(tmp_path / "e_raw.fits", INSTRUME=None)
    with pytest.warns(UserWarning) as told:
        report = firstlight.bestrefs([good, blank, page, other, none], **ask)
    assert [file.status for file in report.files] == ["differs"] + ["failed"] * 4
    text = " ".join(str(warning.message) for warning in told)
    for part in ("HTML", "FOC", "INSTRUME", "empty"):
        assert part in text, part
    with pytest.raises(firstlight.InputError):
        firstlight.bestrefs(page, **ask)


def test_rules_that_are_missing_or_damaged(ask, cache, tmp_path):
    path = write(tmp_path / "a_raw.fits", INSTRUME="COS")
    with pytest.raises(FileNotFoundError, match="hst_cos_0001.imap"):
        firstlight.bestrefs(path, **ask)
    rmap = cache / "mappings/hst/hst_acs_darkfile_0001.rmap"
    rmap.write_text(rmap.read_text().replace("a_drk", "x_drk"))
    with pytest.raises(firstlight.InputError, match="hst_acs_darkfile_0001.rmap"):
        firstlight.best_references(HEADER, **ask)
    with pytest.raises(ValueError, match="nosuch"):
        firstlight._native.bestrefs([str(path)], '{"nosuch": 1}')


class SlowServer(BaseHTTPRequestHandler):
    """Answers calls at once, and sends a file so slowly that it does not end; Ctrl-C comes when it has begun."""

    def do_POST(self):
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        info = {"observatory": "hst", "operational_context": "hst_0001.pmap"}
        result = info if request["method"] == "get_server_info" else {"a_drk.fits": {"size": "1000000"}}
        self.reply(json.dumps({"error": None, "result": result, "id": request["id"]}).encode())

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "1000000")
        self.end_headers()
        try:
            for piece in range(1000):
                self.wfile.write(b"SIMPLE  = " + b" " * 990)
                self.wfile.flush()
                if piece == 3:
                    os.kill(os.getpid(), signal.SIGINT)
                time.sleep(0.05)
        except OSError:
            pass

    def reply(self, body):
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


@pytest.mark.skipif(os.name == "nt", reason="signals are sent otherwise there")
def test_ctrl_c_stops_a_transfer_and_what_has_come_is_kept(tmp_path, ask, cache):
    file = write(tmp_path / "x_raw.fits")
    config = cache / "config/hst"
    config.mkdir(parents=True)
    (config / "ref_cache_subdir_mode").write_text("flat")
    server = ThreadingHTTPServer(("127.0.0.1", 0), SlowServer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    how = {**ask, "offline": False, "server": f"http://127.0.0.1:{server.server_port}"}
    # A shell that puts the tests in the background has Ctrl-C ignored.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            firstlight.bestrefs(file, sync=True, **how)
    finally:
        signal.signal(signal.SIGINT, before)
        server.shutdown()
        server.server_close()
    parts = [path for path in (cache / "references").rglob("*.part") if path.stat().st_size]
    assert len(parts) == 1
