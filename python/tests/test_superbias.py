"""Superbiases from Python, with refstis's names, on simulated bias frames."""

import numpy as np
import pytest

import firstlight


@pytest.fixture(scope="module")
def period(tmp_path_factory):
    return firstlight.simulate.stis(tmp_path_factory.mktemp("period"), darks=1, short_darks=0, biases=6)


def test_the_kinds_of_superbias(period, tmp_path):
    options = {"ref_dir": period["reference_folder"]}
    names = {kind: tmp_path / f"{kind}.fits" for kind in ("ref", "base", "week")}
    made = firstlight.make_refbias(period["biases"], names["ref"], **options)
    assert made["path"] == str(names["ref"])
    assert len(made["report"]["inputs"]) == 6
    firstlight.make_basebias(period["biases"], names["base"], **options)
    made_week = firstlight.make_weekbias(period["biases"][:4], names["week"], names["base"], **options)
    known = next(path for path in period["references"] if path.endswith("_bia.fits"))
    pattern = firstlight.getdata(known, ("SCI", 1))
    image = firstlight.getdata(names["ref"], ("SCI", 1))
    # Six frames of 5.6 e of noise, and a reference image with 0.45 DN of its own.
    assert np.std(image - pattern) == pytest.approx(np.hypot(5.6 / np.sqrt(6), 0.45), rel=0.05)
    assert firstlight.getheader(names["week"])["FILETYPE"] == "CCD BIAS IMAGE"
    # Where a column is hot from the bottom, the week has what the period's bias has not.
    week, base = (firstlight.getdata(names[kind], ("SCI", 1)) for kind in ("week", "base"))
    added = np.flatnonzero(np.any(week != base, axis=0))
    assert len(added) == pytest.approx(made_week["report"]["hot_columns"])
    lowest = np.mean(image[:256], axis=0) - np.mean(base[:256], axis=0)
    assert np.all(lowest[added] > 0)


def test_what_is_refused(period, tmp_path):
    options = {"ref_dir": period["reference_folder"]}
    with pytest.raises(ValueError, match="at least two"):
        firstlight.make_refbias(period["biases"][:1], tmp_path / "one.fits", **options)
    with pytest.raises(Exception, match="TARGNAME"):
        firstlight.make_refbias(period["darks"] + [period["spectrum"]], tmp_path / "dark.fits", **options)
    assert not list(tmp_path.iterdir())
