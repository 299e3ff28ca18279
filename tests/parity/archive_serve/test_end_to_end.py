"""Both ways from a query to calibrated headers: the official clients' and ours, against the same archive.

Files are compared byte for byte before the headers are updated; afterwards the headers, but for CRDS_VER, which names the
program. What is fetched must be the same and whole.
"""

import filecmp
import warnings

from astropy.io import fits
from clients import client

KEYWORDS = ["BIASFILE", "BPIXTAB", "DARKFILE", "IDCTAB", "IMPHTTAB", "MLINTAB", "PFLTFILE"]


def test_query_products_download_bestrefs(archive, observations, command, folder, tmp_path):
    url, ours, theirs = archive["url"], tmp_path / "ours", tmp_path / "theirs"

    # Which observations there are.
    criteria = {"obs_id": "JSIM11*", "t_exptime": [1000, 1300]}
    table = observations.query_criteria(**criteria)
    rows = tmp_path / "rows.csv"
    words = ["--obs-id", "JSIM11*", "--t-exptime", "1000..1300", "--columns", "obs_id,obsid,t_min"]
    command("mast", "query", "--server", url, *words, "--output", rows)
    lines = rows.read_text().splitlines()[1:]
    assert sorted(line.split(",")[:2] for line in lines) == sorted([row["obs_id"], row["obsid"]] for row in table)

    # Their files.
    theirs.mkdir()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        observations.download_products(
            table["obsid"], productSubGroupDescription=["RAW", "ASN"], flat=True, download_dir=str(theirs), verbose=False
        )
    command("mast", "download", "--server", url, *words[:4], "--products", "RAW,ASN", "--dest", ours, "--flat")
    names = sorted(file.name for file in ours.iterdir())
    assert len(names) == 9 and names == sorted(file.name for file in theirs.iterdir())
    assert all(filecmp.cmp(ours / name, theirs / name, shallow=False) for name in names)

    # Their best references.
    raws = [name for name in names if name.endswith("_raw.fits")]
    run = client(url, tmp_path / "their_cache")
    run("bestrefs", "--files", *[theirs / name for name in raws], "--sync-references=1", "--update-bestrefs")
    files = [ours / name for name in raws]
    command("bestrefs", *files, "--server", url, "--cache", tmp_path / "our_cache", "--sync", "--update")
    for name in raws:
        own, other = fits.getheader(ours / name), fits.getheader(theirs / name)
        own.remove("CRDS_VER"), other.remove("CRDS_VER")
        assert set(KEYWORDS) < set(own)
        assert fits.HeaderDiff(own, other).identical, fits.HeaderDiff(own, other).report()
        assert own["DARKFILE"] == "jref$sim20001j_drk.fits"

    # The references are in place and whole.
    here = {file.name for file in (tmp_path / "our_cache/references/hst/acs").glob("*.fits")}
    there = {file.name for file in (tmp_path / "their_cache/references/hst/acs").glob("*.fits")}
    assert there == here and len(here) == 6
    for name in here:
        served = folder / "crds/references/hst/acs" / name
        assert filecmp.cmp(tmp_path / "our_cache/references/hst/acs" / name, served, shallow=False)

    # Each client uses the cache of the other.
    swapped = client(url, tmp_path / "our_cache")
    again = tmp_path / "again_raw.fits"
    again.write_bytes((ours / raws[0]).read_bytes())
    fits.setval(again, "DARKFILE", value="N/A")
    assert "Syncing" not in swapped("bestrefs", "--files", again, "--sync-references=1", "--update-bestrefs")
    assert fits.getval(again, "DARKFILE") == "jref$sim20001j_drk.fits"
    fits.setval(again, "DARKFILE", value="N/A")
    command("bestrefs", again, "--offline", "--cache", tmp_path / "their_cache", "--update")
    assert fits.getval(again, "DARKFILE") == "jref$sim20001j_drk.fits"
