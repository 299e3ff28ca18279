"""MAST from Python, against a local archive of simulated exposures: queries, products, files, progress."""

import json
import os
import subprocess

import firstlight
import numpy as np
import pytest
from firstlight import mast


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    """The service over a small simulated visit."""
    if "FIRSTLIGHT_BIN" not in os.environ:
        pytest.skip("FIRSTLIGHT_BIN is not set")
    folder = tmp_path_factory.mktemp("archive")
    firstlight.simulate_sbc(folder, size=64, darks=3)
    line = [os.environ["FIRSTLIGHT_BIN"], "archive", "serve", str(folder), "--json"]
    server = subprocess.Popen(line, stdout=subprocess.PIPE, text=True)
    try:
        url = json.loads(server.stdout.readline())["url"]
        yield mast.ObservationsClass(server=url)
    finally:
        server.terminate()
        server.wait()


def test_from_query_to_files(service, tmp_path):
    darks = service.query_criteria(target_name="DARK", t_exptime=[1, 1e5])
    assert len(darks) == 3 == service.query_criteria_count(target_name="DARK", t_exptime=[1, 1e5])
    products = service.get_product_list(darks)
    raws = products[products["productSubGroupDescription"] == "RAW"]
    told = []
    manifest = service.download_products(raws, download_dir=tmp_path, progress=lambda *news: told.append(news))
    assert manifest.colnames == ["Local Path", "Status", "Message", "URL"]
    assert set(manifest["Status"]) == {"COMPLETE"} and all(map(os.path.exists, manifest["Local Path"]))
    assert told[0][0] == "planned" and sum(event == "ended" for event, *_ in told) == 3
    again = service.download_products(
        darks["obsid"], download_dir=tmp_path, productSubGroupDescription=["RAW"], verbose=False
    )
    assert list(np.ma.filled(again["Message"], "")) == ["it was here"] * 3
    one = service.download_products(darks[0], download_dir=tmp_path, flat=True, extension="raw.fits", verbose=False)
    assert len(one) == 1
    astropy = pytest.importorskip("astropy.table")
    assert isinstance(products.to_astropy(), astropy.Table)
    assert len(service.get_product_list(darks.to_astropy())) == len(products)


def test_one_file(service, tmp_path):
    dark = service.get_product_list(service.query_criteria(target_name="DARK"))["dataURI"][0]
    status = service.download_file(dark, local_path=tmp_path / "d.fits", verbose=False)
    assert status == ("COMPLETE", None, None) and (tmp_path / "d.fits").stat().st_size > 0
    status, message, url = service.download_file("mast:HST/product/none.fits", local_path=tmp_path, verbose=False)
    assert status == "ERROR" and "404" in message and url.endswith("none.fits")


def test_a_function_that_fails_stops_the_transfers(service, tmp_path):
    def fail(*news):
        raise RuntimeError("enough")

    with pytest.raises(RuntimeError, match="enough"):
        service.download_products(
            service.query_criteria(target_name="DARK"), download_dir=tmp_path, progress=fail
        )


def test_what_cannot_be_asked_for():
    offline = mast.ObservationsClass(offline=True)
    with pytest.raises(ValueError, match="did you mean proposal_id"):
        offline.query_criteria(propsal_id=1)
    with pytest.raises(ValueError, match="nothing is asked for"):
        offline.query_criteria()
    with pytest.raises(ValueError, match="two ends"):
        offline.query_criteria(t_min=[1, 2, 3])
    with pytest.raises(FileNotFoundError, match="network"):
        offline.query_criteria(obs_id="x")
    with pytest.raises(firstlight.UnsupportedError, match="curl"):
        offline.download_products("1", curl_flag=True)
    assert "t_exptime" in offline.get_metadata("observations")["Column Name"]


def test_no_results_are_told(service):
    with pytest.warns(mast.NoResultsWarning):
        assert len(service.query_criteria(obs_id="nothing_of_the_kind")) == 0
