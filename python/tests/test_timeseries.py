"""Light curves and stacks from Python."""

import numpy as np
import pytest

import firstlight


def _frames(folder, count=8):
    y, x = np.mgrid[0:120, 0:140]
    rng = np.random.default_rng(5)
    stars = [(70.0, 60.0, 40000.0), (30.0, 35.0, 60000.0), (105.0, 90.0, 50000.0), (35.0, 92.0, 45000.0), (108.0, 30.0, 30000.0)]
    paths = []
    for n in range(count):
        light = np.full(x.shape, 100.0)
        for star, (u, v, flux) in enumerate(stars):
            flux *= 0.95 if star == 0 and n >= count // 2 else 1.0
            light += flux / (2 * np.pi * 4) * np.exp(-((x - u - 0.5 * n) ** 2 + (y - v + 0.3 * n) ** 2) / 8)
        paths.append(folder / f"n{n}.fits")
        header = {"EXPTIME": 30.0, "DATE-OBS": f"2021-03-05T02:{n:02}:00"}
        firstlight.writeto(paths[-1], rng.poisson(light).astype("float32"), header)
    return paths


def test_a_light_curve_as_a_table(tmp_path):
    paths = _frames(tmp_path)
    table, report = firstlight.timeseries(
        paths, (70, 60), output=tmp_path / "curve.csv", gain=1, figure=tmp_path / "curve.svg"
    )
    assert [star["role"] for star in report["stars"]][0] == "target"
    assert report["time"] == ["DATE-OBS + EXPTIME/2"] and not report["failed"]
    mine = np.array(table["star"]) == "T1"
    flux = np.array(table["rel_flux"])[mine]
    assert mine.sum() == len(paths)
    assert abs(flux[4:].mean() / flux[:4].mean() - 0.95) < 0.01
    assert np.allclose(np.diff(np.array(table["jd_utc_mid"])[mine]) * 1440, 1, atol=1e-4)
    assert (tmp_path / "curve.csv").stat().st_size and (tmp_path / "curve.svg").stat().st_size
    with pytest.raises(ValueError, match="overwrite"):
        firstlight.timeseries(paths, (70, 60), output=tmp_path / "curve.csv")


def test_stars_may_be_lists_or_files(tmp_path):
    paths = _frames(tmp_path, 4)
    places = tmp_path / "places.csv"
    places.write_text("x,y\n30,35\n105,90\n")
    _, report = firstlight.timeseries(paths, [(70, 60), (108, 30)], comparisons=places, unit="electron")
    assert [star["name"] for star in report["stars"]] == ["T1", "T2", "C1", "C2"]
    assert report["errors"] == ["gain-and-sky"]
    with pytest.raises(ValueError, match="not on"):
        firstlight.timeseries(paths, (700, 60))


def test_a_stack_of_drifting_frames(tmp_path):
    paths = _frames(tmp_path, 5)
    report = firstlight.stack(paths, tmp_path / "deep.fits", method="median", inverse_variance=False, clip="mad")
    assert len(report["frames"]) == 5 and not report["failed"] and report["total_exptime_s"] == 150
    deep = firstlight.getdata(tmp_path / "deep.fits", 0)
    y, x = np.mgrid[0:120, 0:140]
    near = np.hypot(x - 30, y - 35) < 9
    assert abs(np.nansum(deep[near]) / 60000 - 1) < 0.02
    header = firstlight.getheader(tmp_path / "deep.fits")
    assert (header["NCOMBINE"], header["EXPTIME"], header["TEXPTIME"]) == (5, 30.0, 150.0)
