"""``firstlight.mast`` against ``astroquery.mast.Observations``, without a network.

Compared exactly, but for the last bit of a radius: the JSON of the requests for the same criteria (less the text that defeats the service's
store of answers), the recorded answers as tables, product lists filtered and rid of duplicates, and where files go.
"""

import http.server
import json
import pathlib
import threading
import urllib.parse
import warnings

import numpy as np
import pytest

from astroquery.mast import Observations as Peer
from astroquery.mast import utils
from astroquery.mast.discovery_portal import PortalAPI, _json_to_table
from firstlight.mast import ObservationsClass

EMPTY = {"status": "COMPLETE", "msg": "", "fields": [{"name": "obsid", "type": "string"}], "data": []}

CRITERIA = [
    {"obs_id": "JCMC11*", "proposal_id": "13655"},
    {"proposal_id": 13961, "intentType": "calibration"},
    {"obs_id": ["oeen9dryq", "oeen9et6q"]},
    {"target_name": "DARK", "t_min": [57081.25, 57084.25], "t_exptime": [1099, 1101]},
    {"filters": ["FUV", "NUV"], "proposal_pi": "Ost%"},
    {"calib_level": [2, 3], "obs_collection": "HST", "em_min": [100.5, 2000]},
    {"obs_id": np.array(["a", "b"]), "t_max": np.array([1.5, 2.5])},
    {"coordinates": "6.0224 -72.0815", "radius": 0.02, "instrument_name": "ACS/WFC"},
    {"coordinates": "210.80243 54.34875", "radius": "12 arcsec", "dataproduct_type": "image"},
]


class Service:
    """Answers every request with ``answer``, and keeps what it was asked."""

    def __init__(self):
        self.documents = []
        self.answer = EMPTY
        service = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"])).decode()
                service.documents.append(json.loads(urllib.parse.parse_qs(body)["request"][0]))
                content = json.dumps(service.answer).encode()
                self.send_response(200)
                self.send_header("content-length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *args):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.client = ObservationsClass(server=f"http://127.0.0.1:{self.server.server_port}")

    def last(self):
        return {name: value for name, value in self.documents[-1].items() if name != "cacheBreaker"}


@pytest.fixture(scope="module")
def service():
    service = Service()
    yield service
    service.server.shutdown()


def recorded(data, name):
    return json.loads((pathlib.Path(data) / "mast" / name).read_text())


class Answer:
    def __init__(self, content):
        self.content = content

    def json(self):
        return self.content


@pytest.fixture
def asked(data, monkeypatch):
    """The documents that astroquery posts; it is answered with the recorded columns and empty tables."""
    columns = recorded(data, "columnsconfig.json")
    documents = []

    def request(self, method, url, params=None, data=None, **others):
        if url.endswith("columnsconfig"):
            return [Answer(columns)]
        documents.append(json.loads(urllib.parse.unquote(data.removeprefix("request="))))
        documents[-1].pop("cacheBreaker")
        return [Answer(EMPTY)]

    monkeypatch.setattr(PortalAPI, "_request", request)
    monkeypatch.setattr(PortalAPI, "_column_configs", {})
    return documents


def quietly(call, *args, **kwargs):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return call(*args, **kwargs)


@pytest.mark.parametrize("criteria", CRITERIA, ids=lambda criteria: "+".join(criteria))
def test_queries_are_the_same(service, asked, criteria):
    quietly(Peer.query_criteria, **criteria)
    quietly(service.client.query_criteria, **criteria)
    ours, theirs = service.last(), asked[-1]
    # A radius in arcsec differs in its last bit.
    positions = [request["params"].pop("position", "0").split(", ") for request in (ours, theirs)]
    assert np.allclose(*[np.array(position, float) for position in positions], rtol=1e-15, atol=0)
    assert ours == theirs


def test_counts_regions_and_products_are_asked_for_alike(service, asked):
    quietly(Peer.query_region, "6.0224 -72.0815", radius="0.02 deg", pagesize=10, page=2)
    quietly(service.client.query_region, "6.0224 -72.0815", radius="0.02 deg", pagesize=10, page=2)
    assert service.last() == asked[-1]
    quietly(Peer.get_product_list, ["1", "2", "3"])
    quietly(service.client.get_product_list, ["1", "2", "3"])
    assert service.last() == asked[-1]
    for name, count in (("criteria", dict(obs_id="j*")), ("region", dict(coordinates="6 -72", radius=0.5))):
        with pytest.raises(Exception):  # an empty table has no number in it
            quietly(getattr(Peer, f"query_{name}_count"), **count)
        with pytest.raises(Exception):
            quietly(getattr(service.client, f"query_{name}_count"), **count)
        assert service.last() == asked[-1]


@pytest.mark.parametrize("name", ["caom.json", "advSearch.json", "advSearchPos.json", "products.json"])
def test_recorded_answers_are_the_same_tables(service, data, name):
    answer = recorded(data, name)
    service.answer = answer
    try:
        ours = service.client.query_criteria(obs_id="x")
    finally:
        service.answer = EMPTY
    theirs = _json_to_table(answer)
    assert ours.colnames == theirs.colnames
    for column in theirs.colnames:
        mask = np.ma.getmaskarray(theirs[column])
        plain = np.ma.getdata(theirs[column])
        nan = np.isnan(plain) if plain.dtype.kind == "f" else np.zeros(len(plain), bool)
        # Where there is no number, it is masked here and NaN there.
        np.testing.assert_array_equal(np.ma.getmaskarray(ours[column]), mask | nan, err_msg=column)
        there = ~(mask | nan)
        np.testing.assert_array_equal(np.ma.getdata(ours[column])[there], plain[there], err_msg=column)


@pytest.fixture
def products(service, data):
    service.answer = recorded(data, "products.json")
    try:
        return service.client.get_product_list("2003738726")
    finally:
        service.answer = EMPTY


@pytest.mark.parametrize(
    "wanted",
    [
        {"productSubGroupDescription": ["C3M", "DRZ"]},
        {"productSubGroupDescription": "!DRZ"},
        {"mrp_only": True},
        {"extension": "fits", "productType": "SCIENCE"},
        {"extension": ["jpg", "_drz.fits"]},
        {"size": ">=207360"},
        {"size": "10000..40000", "productType": ["AUXILIARY", "!SCIENCE"]},
        {"size": [31680, "<20000", "!14400"]},
        {"type": "S", "obs_id": "nothing"},
    ],
    ids=str,
)
def test_the_same_products_are_kept(products, data, wanted):
    theirs = Peer.filter_products(_json_to_table(recorded(data, "products.json")), **wanted)
    ours = ObservationsClass(offline=True).filter_products(products, **wanted)
    assert list(ours["dataURI"]) == list(theirs["dataURI"])


def test_the_same_products_are_duplicates(service, data):
    answer = recorded(data, "products.json")
    answer["data"] = answer["data"] + answer["data"][5:9] + answer["data"][:3]
    service.answer = answer
    try:
        ours = service.client.get_unique_product_list("2003738726")
    finally:
        service.answer = EMPTY
    theirs = utils.remove_duplicate_products(_json_to_table(answer), "dataURI")
    assert list(ours["dataURI"]) == list(theirs["dataURI"])


@pytest.mark.parametrize("flat", [True, False])
def test_files_go_to_the_same_places(products, tmp_path, monkeypatch, flat):
    gone = {}

    def fetched(self, uri, *, local_path=None, **others):
        gone[uri] = local_path
        return "COMPLETE", None, None

    monkeypatch.setattr(type(Peer), "download_file", fetched)
    theirs = Peer.download_products(products.to_astropy(), download_dir=str(tmp_path), flat=flat, extension="fits")
    ours = ObservationsClass(offline=True).download_products(
        products, download_dir=tmp_path, flat=flat, extension="fits", verbose=False
    )
    assert list(ours["Local Path"]) == list(theirs["Local Path"])
    assert ours.colnames == theirs.colnames
    # Without a network nothing comes, and that is told for each.
    assert set(ours["Status"]) == {"ERROR"}
