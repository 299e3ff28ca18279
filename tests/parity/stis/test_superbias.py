"""Superbiases beside refstis's, whose calls of calstis's basic2d and ocrreject are answered by ours.

refstis does all of a superbias but the two steps of calstis, which the parity of basic2d and ocrreject is measured elsewhere
for (``test_crj.py``). So what is compared here is refstis's own part: joining, normalising, hot columns and pixels. SCI and ERR
of the reference bias are the same bits; SCI of the base bias to 1e-7 DN, of the week's to 3e-6 DN, for refstis sums in single
precision; ERR of both to 1e-7 of the value; hot pixels and hot columns are the same.
"""

import numpy as np
import pytest
from astropy.io import fits

FILES = 3
IMSETS = 3


@pytest.fixture(scope="module")
def biases(command, tmp_path_factory):
    """Raw bias frames of several imsets, made of simulated ones; and the folder of their reference files."""
    folder = tmp_path_factory.mktemp("biases")
    command(
        "simulate", "stis", folder / "made", "--darks", 1, "--short-darks", 0, "--biases", FILES * IMSETS, "--quiet"
    )
    raw = sorted((folder / "made" / "biases").glob("*_raw.fits"))
    joined = []
    for number in range(FILES):
        hdus = fits.HDUList()
        for imset, path in enumerate(raw[number * IMSETS : (number + 1) * IMSETS], start=1):
            with fits.open(path) as single:
                added = [hdu.copy() for hdu in (single if imset == 1 else single[1:])]
            for hdu in added[-3:]:
                hdu.header["EXTVER"] = imset
            hdus += added
        hdus[0].header.update(EXTEND=True, NEXTEND=3 * IMSETS, NRPTEXP=IMSETS, CRSPLIT=1)
        joined.append(folder / f"oflb{number}00_raw.fits")
        hdus.writeto(joined[-1])
    return joined, folder / "made" / "ref"


@pytest.fixture
def refstis(command, biases, monkeypatch):
    """refstis, whose steps of calstis are ours."""
    pytest.importorskip("refstis")
    import refstis.basejoint
    import refstis.functions
    import refstis.refbias
    import refstis.weekbias
    import stistools.basic2d
    import stistools.ocrreject

    _, references = biases

    def basic2d(input, output, **arguments):
        switches = [f"{name.upper()}={value.upper()}" for name, value in arguments.items() if name.endswith("corr")]
        known = ("DQICORR", "BLEVCORR", "BIASCORR", "DARKCORR", "FLATCORR")
        words = [word for switch in switches if switch.startswith(known) for word in ("--switch", switch)]
        command("basic2d", input, "-o", output, "--ref-dir", references, *words, "--quiet")
        return 0

    def ocrreject(input, output, **_):
        command("ocrreject", input, "-o", output, "--ref-dir", references, "--quiet")
        return 0

    for module, name, ours in [
        (stistools.basic2d, "basic2d", basic2d),
        (stistools.ocrreject, "ocrreject", ocrreject),
        (refstis.functions, "basic2d", basic2d),
        (refstis.functions, "ocrreject", ocrreject),
    ]:
        monkeypatch.setattr(module, name, ours)
    monkeypatch.setenv("oref", f"{references}/")
    return refstis


def copies(files, folder):
    """refstis writes into the headers of its inputs."""
    folder.mkdir()
    made = []
    for path in files:
        made.append(str(folder / path.name))
        with fits.open(path) as hdus:
            hdus.writeto(made[-1])
    return made


def planes(path):
    with fits.open(path) as hdus:
        return {name: hdus[name, 1].data.astype(float) for name in ("SCI", "ERR", "DQ")}


def test_refbias(command, refstis, biases, tmp_path):
    files, references = biases
    refstis.refbias.make_refbias(copies(files, tmp_path / "peer"), str(tmp_path / "peer.fits"))
    command("superbias", "ref", *files, "-o", tmp_path / "ours.fits", "--ref-dir", references, "--quiet")
    peer, ours = planes(tmp_path / "peer.fits"), planes(tmp_path / "ours.fits")
    assert np.array_equal(ours["SCI"], peer["SCI"]) and np.array_equal(ours["ERR"], peer["ERR"])
    hot = (ours["DQ"].astype(int) & 16 != 0, peer["DQ"].astype(int) & 16 != 0)
    assert hot[1].sum() > 10 and np.array_equal(*hot)


def test_basebias_and_weekbias(command, refstis, biases, tmp_path):
    files, references = biases
    peer_base, base = tmp_path / "peer_base.fits", tmp_path / "base.fits"
    refstis.basejoint.make_basebias(copies(files, tmp_path / "peer"), str(peer_base))
    command("superbias", "base", *files, "-o", base, "--ref-dir", references, "--quiet")
    peer, ours = planes(peer_base), planes(base)
    assert np.abs(ours["SCI"] - peer["SCI"]).max() < 1e-7
    assert np.allclose(ours["ERR"], peer["ERR"], rtol=1e-7, atol=0)
    assert np.array_equal(ours["DQ"], peer["DQ"])

    peer_week, week = tmp_path / "peer_week.fits", tmp_path / "week.fits"
    refstis.weekbias.make_weekbias(copies(files, tmp_path / "again"), str(peer_week), str(peer_base))
    command("superbias", "week", *files, "--base", peer_base, "-o", week, "--ref-dir", references, "--quiet")
    peer, ours = planes(peer_week), planes(week)
    assert np.abs(ours["SCI"] - peer["SCI"]).max() < 3e-6
    assert np.allclose(ours["ERR"], peer["ERR"], rtol=1e-6, atol=0)
    assert np.array_equal(ours["DQ"].astype(int) & 16, peer["DQ"].astype(int) & 16)
