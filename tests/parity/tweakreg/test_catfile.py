"""Sources given in pixels (``catfile``, ``xcol``, ``ycol``, ``fluxcol``, ``nbright``) and aligned by TweakReg and by ours.

Two real HRC frames of 47 Tuc; their lists are those of our source finding, of which the frames' true offset is found. The
corrected coordinate systems agree within 0.02 pixel over the whole frame, with columns by number in both, and by name in ours. With the 1500 brightest alone, of which many are cosmic rays,
250 pairs are left that scatter by 0.26 pixel, and the solutions are 0.1 pixel apart at the corners: that is not compared.
"""

import numpy as np
import pytest
from astropy.io import fits
from astropy.wcs import WCS

firstlight = pytest.importorskip("firstlight")


@pytest.fixture(scope="module")
def frames(hrc_pair, tmp_path_factory):
    """The frames, and beside them their lists: number, flux, x and y counted from 1."""
    folder = tmp_path_factory.mktemp("lists")
    files = hrc_pair(folder)
    lines = []
    for path in files:
        found = firstlight.find_sources(fits.getdata(path, 1).astype("f4"), threshold=20.0, conv_width=2.5)
        columns = np.c_[np.arange(len(found["x"])), found["flux"], np.array(found["x"]) + 1, np.array(found["y"]) + 1]
        root = path.name[:9]
        np.savetxt(folder / f"{root}.coo", columns, fmt="%d %.4f %.5f %.5f")
        np.savetxt(folder / f"{root}.csv", columns, fmt="%d,%.4f,%.5f,%.5f", header="id,flux,x,y", comments="")
        lines.append(f"{path.name} {root}.coo\n")
    (folder / "numbers.txt").write_text("".join(lines))
    (folder / "names.txt").write_text("".join(lines).replace(".coo", ".csv"))
    return files


@pytest.mark.parametrize("nbright", [None, 5000])
def test_alignment_by_given_sources(frames, tweakreg, tmp_path, nbright, monkeypatch):
    folder = frames[0].parent
    # The peer forgets nbright where there is no limit of flux.
    limits = {} if nbright is None else dict(nbright=nbright, minflux=1.0)
    options = dict(searchrad=3.0, fitgeometry="rscale")
    columns = dict(xcol=3, ycol=4, fluxcol=2)
    # The peer looks for the lists in the current folder.
    absolute = tmp_path / "absolute.txt"
    absolute.write_text("".join(f"{path.name} {folder / path.name[:9]}.coo\n" for path in frames))
    peers, _ = tweakreg(frames, tmp_path / "peer", catfile=str(absolute), **columns, **limits, **options)
    grid = np.array([(x, y) for x in (0, 511, 1023) for y in (0, 511, 1023)], dtype=float)
    peer = WCS(fits.getheader(peers[1], 1))
    before = WCS(fits.getheader(frames[1], 1))
    moved = peer.all_world2pix(before.all_pix2world(grid, 0), 0) - grid
    assert np.hypot(*moved.T).min() > 0.3
    for tag, more in {"numbers": columns, "names": dict(fluxcol="flux")}.items():
        work = tmp_path / tag
        work.mkdir()
        monkeypatch.chdir(work)
        copies = [work / path.name for path in frames]
        for path, copy in zip(frames, copies):
            copy.write_bytes(path.read_bytes())
        report = firstlight.align(
            copies, updatehdr=True, wcsname="TWEAK", catfile=str(folder / f"{tag}.txt"), **more, **limits, **options
        )
        assert [image["status"] for image in report.images] == ["reference", "aligned"]
        if nbright is not None:
            assert [image["sources"] for image in report.images] == [nbright, nbright]
        ours = WCS(fits.getheader(copies[1], 1))
        away = peer.all_world2pix(ours.all_pix2world(grid, 0), 0) - grid
        assert np.hypot(*away.T).max() < 0.02
