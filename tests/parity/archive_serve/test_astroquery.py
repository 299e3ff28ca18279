"""The official astroquery client against a local archive: what it asks is answered as it expects.

Rows and files are compared with the headers and files that are served; files byte for byte.
"""

import filecmp
import glob
import pathlib

import pytest
import requests
from astropy.io import fits
from astroquery.exceptions import NoResultsWarning, RemoteServiceError


def headers(folder, pattern):
    """Primary headers by root name."""
    files = sorted(folder.glob(pattern))
    assert files
    return {fits.getval(file, "ROOTNAME"): fits.getheader(file) for file in files}


def test_observations_by_wildcard_have_what_their_headers_say(observations, folder):
    table = observations.query_criteria(obs_id="JSIM11*")
    associations = headers(folder, "science/*_asn.fits")
    exposures = headers(folder, "science/*_flt.fits").values()
    assert sorted(table["obs_id"]) == sorted(associations)
    for row in table:
        members = [header for header in exposures if header["ASN_ID"].lower() == row["obs_id"]]
        assert len(members) == 2
        assert row["obs_collection"] == "HST"
        assert row["instrument_name"] == "ACS/SBC"
        assert row["filters"] == members[0]["FILTER1"]
        assert row["target_name"] == "SIMULATED-LYA-GALAXY"
        assert row["intentType"] == "science"
        assert row["dataproduct_type"] == "image"
        assert row["provenance_name"] == "CALACS"
        assert row["dataRights"] == "PUBLIC"
        assert row["t_min"] == min(header["EXPSTART"] for header in members)
        assert row["t_max"] == max(header["EXPEND"] for header in members)
        assert row["t_exptime"] == sum(header["EXPTIME"] for header in members)
        assert row["s_ra"] == members[0]["RA_TARG"]
        assert row["s_dec"] == members[0]["DEC_TARG"]
        assert row["s_region"].startswith("POLYGON ICRS")
        assert int(row["obsid"]) > 0


def test_darks_by_target_time_and_exposure_time(observations, folder):
    darks = headers(folder, "darks/*_raw.fits")
    starts = sorted(header["EXPSTART"] for header in darks.values())
    criteria = {"target_name": "DARK", "t_exptime": [999, 1001]}
    table = observations.query_criteria(**criteria, t_min=[starts[1], starts[2]])
    assert sorted(table["t_min"]) == starts[1:3]
    assert set(table["intentType"]) == {"calibration"}
    assert set(table["calib_level"]) == {1}
    assert all(darks[root]["EXPSTART"] == start for root, start in zip(table["obs_id"], table["t_min"]))
    assert observations.query_criteria_count(**criteria) == len(darks)
    assert observations.query_criteria_count(intentType="calibration", obs_collection="HST") == len(darks)


def test_lists_case_and_elements(observations, folder):
    roots = sorted(headers(folder, "darks/*_raw.fits"))
    found = observations.query_criteria(obs_id=[roots[0].upper(), roots[2]])
    assert sorted(found["obs_id"]) == [roots[0], roots[2]]
    assert observations.query_criteria_count(filters=["f125lp", "F140LP"]) == 2
    assert observations.query_criteria_count(filters="F1*", calib_level=3) == 4
    assert observations.query_criteria_count(proposal_id="0", dataproduct_type="spectrum") == 0
    # An underscore stands for itself.
    assert observations.query_criteria_count(obs_id="jsim_1*") == 0


def test_pages_are_put_together(observations):
    whole = observations.query_criteria(obs_collection="HST")
    pages = observations.query_criteria(obs_collection="HST", pagesize=3)
    assert len(whole) == 8
    assert list(pages["obs_id"]) == list(whole["obs_id"])
    second = observations.query_criteria(obs_collection="HST", pagesize=3, page=2)
    assert list(second["obs_id"]) == list(whole["obs_id"][3:6])


@pytest.mark.filterwarnings("ignore:Coordinate string")
def test_positions(observations, folder):
    header = fits.getheader(sorted(folder.glob("science/*_flt.fits"))[0])
    ra, dec = header["RA_TARG"], header["DEC_TARG"]
    inside = observations.query_region(f"{ra} {dec}", radius="1 arcsec")
    assert len(inside) == 4 and set(inside["distance"]) == {0.0}
    # The detector of 64 pixels is 2 arcsec wide.
    north = observations.query_criteria(coordinates=f"{ra} {dec + 0.01}", radius="40 arcsec", filters="F1*")
    assert len(north) == 4
    assert all(30 < distance < 37 for distance in north["distance"])
    assert observations.query_region_count(f"{ra} {dec + 0.01}", radius="10 arcsec") == 0
    assert observations.query_region_count(f"{ra} {dec}", radius=0.1) == 4


def test_names_of_targets_are_resolved(observations):
    assert len(observations.query_object("Simulated-Lya Galaxy", radius="10 arcsec")) == 4
    assert observations.query_criteria_count(objectname="simulated-lya-galaxy", filters="F165LP") == 1


def test_columns_and_missions(observations):
    assert observations.list_missions() == ["HST"]
    assert "t_exptime" in observations.get_metadata("observations")["Column Name"]
    assert "productSubGroupDescription" in observations.get_metadata("products")["Column Name"]


def test_nothing_found_is_an_empty_table(observations):
    with pytest.warns(NoResultsWarning):
        assert len(observations.query_criteria(obs_id="nothing")) == 0


def test_services_that_are_not_there_are_refused_in_words(observations):
    from astroquery.mast import Mast

    portal = observations._portal_api_connection
    portal._column_configs["Mast.Hsc.Db.v3"] = {"MatchID": {}}
    with pytest.raises(RemoteServiceError, match="not part of this local archive"):
        portal.service_request("Mast.Hsc.Db.v3", {"ra": 1, "dec": 2})
    portal._column_configs["Mast.Caom.Filtered"] = {"obs_id": {}}
    with pytest.raises(RemoteServiceError, match="no column nonsense"):
        Mast.mast_query("Mast.Caom.Filtered", nonsense=["1"])


def test_products_are_the_files(observations, folder):
    table = observations.query_criteria(obs_id="jsim11010")
    products = observations.get_product_list(table)
    names = ["jsim11010_asn.fits"] + [f"jsim11{n}_{kind}.fits" for n in ["ctq", "e6q"] for kind in ["flt", "raw"]]
    assert sorted(products["productFilename"]) == names
    for row in products:
        file = folder / "science" / row["productFilename"]
        assert row["size"] == file.stat().st_size
        assert row["dataURI"] == f"mast:HST/product/{file.name}"
        assert row["productSubGroupDescription"] == file.stem.rsplit("_")[-1].upper()
        assert row["obs_id"] == file.stem.rsplit("_")[0]
        assert row["parent_obsid"] == table["obsid"][0]
        assert row["productType"] == ("AUXILIARY" if "_asn" in file.name else "SCIENCE")
    recommended = observations.filter_products(products, mrp_only=True)
    assert set(recommended["productSubGroupDescription"]) == {"FLT"}
    assert len(observations.filter_products(products, extension="fits", size="<10000")) == 1


def test_downloads_are_the_files_byte_for_byte(observations, folder, tmp_path):
    table = observations.query_criteria(obs_id="JSIM11*")
    how = {"productSubGroupDescription": ["FLT", "ASN"], "download_dir": str(tmp_path), "verbose": False}
    manifest = observations.download_products(table["obsid"], mrp_only=False, **how)
    assert set(manifest["Status"]) == {"COMPLETE"}
    files = sorted(glob.glob(str(tmp_path / "mastDownload/HST/*/*.fits")))
    assert len(files) == 12
    for file in map(pathlib.Path, files):
        assert filecmp.cmp(file, folder / "science" / file.name, shallow=False)
    # What is there is not fetched again.
    before = [pathlib.Path(file).stat().st_mtime_ns for file in files]
    observations.download_products(table["obsid"], **how)
    assert [pathlib.Path(file).stat().st_mtime_ns for file in files] == before


def test_a_download_that_broke_is_resumed(observations, archive, folder, tmp_path):
    whole = folder / "science/jsim11ctq_flt.fits"
    part = tmp_path / whole.name
    part.write_bytes(whole.read_bytes()[:10000])
    url = archive["url"] + "/api/v0.1/Download/file?uri=mast:HST/product/" + whole.name
    observations._download_file(url, str(part), continuation=True, head_safe=True, verbose=False)
    assert filecmp.cmp(part, whole, shallow=False)


def test_ranges_and_conditions(archive, folder):
    url = archive["url"] + "/api/v0.1/Download/file?uri=mast:HST/product/jsim11ctq_flt.fits"
    whole = (folder / "science/jsim11ctq_flt.fits").read_bytes()
    first = requests.get(url)
    assert first.content == whole
    tag = first.headers["ETag"]
    assert requests.head(url).headers["Content-Length"] == str(len(whole))
    part = requests.get(url, headers={"Range": "bytes=100-199", "If-Range": tag})
    assert part.status_code == 206 and part.content == whole[100:200]
    assert part.headers["Content-Range"] == f"bytes 100-199/{len(whole)}"
    other = requests.get(url, headers={"Range": "bytes=100-199", "If-Range": '"another"'})
    assert other.status_code == 200 and other.content == whole
    assert requests.get(url, headers={"Range": f"bytes={len(whole)}-"}).status_code == 416
    assert requests.get(url, headers={"If-None-Match": tag}).status_code == 304
    assert requests.get(url, headers={"If-Modified-Since": first.headers["Last-Modified"]}).status_code == 304


@pytest.mark.parametrize(
    "path",
    [
        "/api/v0.1/Download/file?uri=mast:HST/product/none.fits",
        "/api/v0.1/Download/file?uri=mast:HST/product/../../../etc/passwd",
        "/api/v0.1/Download/file?uri=..%2f..%2fetc%2fpasswd",
        "/api/v0.1/Download/file?uri=",
        "/unchecked_get/mappings/hst/..%2f..%2f..%2ftruth_filters.ecsv",
    ],
)
def test_nothing_but_what_is_served_can_be_had(archive, path):
    assert requests.get(archive["url"] + path).status_code == 404


def test_curl_script_and_token(observations, archive, folder, tmp_path):
    products = observations.get_product_list(observations.query_criteria(obs_id="jsim11010"))
    manifest = observations.download_products(products, curl_flag=True, download_dir=str(tmp_path), verbose=False)
    script = pathlib.Path(manifest["Local Path"][0]).read_text()
    assert script.count("curl ") == 5 and archive["url"] in script
    from astroquery.mast.auth import MastAuth

    assert MastAuth(requests.Session()).session_info()["anon"]
    assert MastAuth(requests.Session()).login("a token")


def test_many_clients_at_once(archive, folder):
    from concurrent.futures import ThreadPoolExecutor

    files = sorted(folder.glob("science/*_raw.fits"))

    def fetch(index):
        file = files[index % len(files)]
        url = archive["url"] + "/api/v0.1/Download/file?uri=mast:HST/product/" + file.name
        return requests.get(url).content == file.read_bytes()

    with ThreadPoolExecutor(32) as pool:
        assert all(pool.map(fetch, range(200)))
