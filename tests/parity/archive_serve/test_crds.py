"""The official crds client against a local archive: rules and references are fetched, verified and used.

The simulated archive has rules of its own. With FIRSTLIGHT_DATA the rules of 2013 are served, and the headers and
answers are those of ``crds/expected_bestrefs.json``.
"""

import filecmp
import json
import pathlib
import shutil

import pytest
from astropy.io import fits
from clients import client, serving

REFERENCES = ["BPIXTAB", "DARKFILE", "IDCTAB", "IMPHTTAB", "MLINTAB", "PFLTFILE"]


def same(left, right):
    """Whether two folders hold the same files, as far as the left one has any."""
    files = [file for file in left.rglob("*") if file.is_file()]
    assert files
    return all(filecmp.cmp(file, right / file.relative_to(left), shallow=False) for file in files)


def test_bestrefs_updates_headers_and_syncs_references(crds, folder, tmp_path):
    files = []
    for file in [*folder.glob("science/jsim11c*_raw.fits"), *folder.glob("darks/*_raw.fits")]:
        files.append(shutil.copy(file, tmp_path))
        for keyword in REFERENCES:
            fits.setval(files[-1], keyword, value="N/A")
    crds("bestrefs", "--files", *files, "--sync-references=1", "--update-bestrefs")
    for file in files:
        header = fits.getheader(file)
        assert header["DARKFILE"] == "jref$sim20001j_drk.fits"
        assert header["BPIXTAB"] == "jref$sim10001j_bpx.fits"
        assert header["IDCTAB"] == "jref$sim10003j_idc.fits"
        assert header["MLINTAB"] == "jref$sim10005j_lin.fits"
        science = header["OBSTYPE"] == "IMAGING"
        assert header["PFLTFILE"] == ("jref$sim10006j_pfl.fits" if science else "N/A")
        assert header["IMPHTTAB"] == ("jref$sim10004j_imp.fits" if science else "N/A")
    references = crds.cache / "references/hst/acs"
    assert len(list(references.glob("*.fits"))) == 6
    assert same(references, folder / "crds/references/hst/acs")
    assert same(crds.cache / "mappings", folder / "crds/mappings")


def test_an_older_context_selects_the_older_dark(crds, folder, tmp_path):
    file = shutil.copy(folder / "science/jsim11ctq_raw.fits", tmp_path)
    fits.setval(file, "DARKFILE", value="N/A")
    crds("bestrefs", "--files", file, "--new-context", "hst_0001.pmap", "--update-bestrefs")
    assert fits.getval(file, "DARKFILE") == "jref$sim10002j_drk.fits"


def test_sync_fetches_contexts_and_all_their_references(crds, folder):
    contexts = ["--contexts", "hst_0001.pmap", "hst_0002.pmap"]
    crds("sync", *contexts, "--fetch-references", "--check-files", "--check-sha1sum")
    served, here = folder / "crds", crds.cache
    for area in ["mappings/hst", "references/hst/acs"]:
        assert sorted(p.name for p in (here / area).iterdir()) == sorted(p.name for p in (served / area).iterdir())
        assert same(here / area, served / area)


def test_a_damaged_reference_is_found_and_fetched_again(crds, folder):
    crds("sync", "--contexts", "hst_0002.pmap", "--fetch-references")
    file = crds.cache / "references/hst/acs/sim20001j_drk.fits"
    file.write_bytes(b"\0" * file.stat().st_size)
    line = ["--contexts", "hst_0002.pmap", "--fetch-references", "--check-files", "--check-sha1sum", "--repair-files"]
    # The official client counts what it repairs as an error.
    with pytest.raises(AssertionError, match="sim20001j_drk"):
        crds("sync", *line)
    assert filecmp.cmp(file, folder / "crds/references/hst/acs" / file.name, shallow=False)


def test_questions_to_the_server(archive, tmp_path):
    """Each in a process of its own, as the client remembers answers."""
    run = client(archive["url"], tmp_path / "cache")
    assert "hst_0002.pmap" in run("list", "--operational-context")
    assert "hst_0002.pmap" in run("list", "--resolve-contexts", "--contexts", "hst-latest")
    names = run("list", "--references", "--contexts", "hst_0001.pmap")
    assert "sim10002j_drk.fits" in names and "sim20001j_drk.fits" not in names
    assert "hst_acs_darkfile_0002.rmap" in run("list", "--mappings", "--contexts", "hst_0002.pmap")


def test_real_rules_and_real_headers(data, folder, tmp_path):
    expected = json.loads((data / "crds/expected_bestrefs.json").read_text())
    with serving(folder, "--crds", data / "crds/crds_cache") as ready:
        assert ready["context"] == "hst.pmap" and ready["mappings"] == 116 and ready["references"] == 0
        run = client(ready["url"], tmp_path / "cache")
        run("sync", "--contexts", "hst.pmap")
        assert same(run.cache / "mappings/hst", data / "crds/crds_cache/mappings/hst")
        names = [name for name in expected if name.endswith("_raw.fits")]
        assert len(names) >= 5
        files = []
        for name in names:
            files.append(pathlib.Path(shutil.copyfile(data / name, tmp_path / pathlib.Path(name).name)))
        run("bestrefs", "--files", *files, "--update-bestrefs")
    for name, file in zip(names, files):
        header = fits.getheader(file)
        for kind, answer in expected[name]["bestrefs"].items():
            if answer.startswith("NOT FOUND") and answer != "NOT FOUND n/a":
                continue
            wanted = "N/A" if answer == "NOT FOUND n/a" else answer.upper()
            assert header[kind.upper()].split("$")[-1].upper() == wanted, (name, kind)
