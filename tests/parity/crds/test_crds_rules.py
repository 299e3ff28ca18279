"""The rules against the official client: every reference type of every header equal.

Compared is the class of each answer: the file, N/A, "no match", which the official command writes as N/A, and any
other failure, which it leaves alone; the words of a failure are our own. The headers are those of real files, and
3,000 made at random from the values that the rules themselves ask for, and odd ones (:mod:`random_headers`).
"""

import json
import os
import pathlib
import subprocess
import sys

import pytest
from random_headers import headers

firstlight = pytest.importorskip("firstlight")
HERE = pathlib.Path(__file__).parent
COUNT, SEED = 3000, 20130720


def official(jobs, cache, folder):
    """The official client's answers, worked out by one process."""
    pytest.importorskip("crds")
    environment = dict(os.environ, CRDS_PATH=str(cache), CRDS_SERVER_URL="https://hst-crds.invalid", CRDS_MODE="local")
    environment["CRDS_OBSERVATORY"] = "hst"
    words = [sys.executable, str(HERE / "official.py"), str(folder / "answers.json")]
    done = subprocess.run(words, input=json.dumps(jobs), env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads((folder / "answers.json").read_text())


def theirs(answers):
    """The class of each of the official answers."""

    def one(answer):
        if isinstance(answer, list):
            return tuple(answer)
        if answer in ("NOT FOUND n/a", "NOT FOUND No match found."):
            return answer
        return "NOT FOUND" if answer.startswith("NOT FOUND") else (answer,)

    return {kind: one(answer) for kind, answer in answers.items()}


NO_MATCH = "no rule is for this combination"


def ours(rules, header):
    def one(best):
        if best.files:
            return best.files
        if best.reason is None:
            return "NOT FOUND n/a"
        return "NOT FOUND No match found." if best.reason.startswith(NO_MATCH) else "NOT FOUND"

    try:
        return {kind: one(best) for kind, best in rules.ask(header).items()}
    except (firstlight.FirstlightError, ValueError) as error:
        return {"ERROR": str(error)}


@pytest.fixture(scope="module")
def compared(cache, tmp_path_factory):
    """Headers at random with both answers."""
    folder = tmp_path_factory.mktemp("answers")
    known = official([{"known": "hst.pmap"}], cache, folder)[0]
    made = headers(known, COUNT, SEED)
    expected = official([{"context": "hst.pmap", "headers": made}], cache, folder)[0]
    rules = firstlight.Rules("hst.pmap", cache=cache, offline=True)
    return [(header, theirs(answers), ours(rules, header)) for header, answers in zip(made, expected)]


def test_headers_at_random(compared):
    for header, expected, found in compared:
        if "ERROR" in expected:
            assert "ERROR" in found, header
        else:
            assert found == expected, header


def test_all_kinds_of_answers_occur(compared):
    """The headers are worth their while: each kind of answer is common, and most types have files."""
    kinds = {}
    for header, expected, _ in compared:
        for kind, answer in expected.items():
            kind = (header.get("INSTRUME"), kind)
            kinds.setdefault("file" if isinstance(answer, tuple) else answer, []).append(kind)
    for kind in ("file", "NOT FOUND n/a", "NOT FOUND No match found.", "NOT FOUND"):
        assert len(kinds[kind]) > 2000, kind
    # COS has one type that never applies.
    assert len(set(kinds["file"])) == 109


def test_real_files(data, cache, command):
    """What is recorded of the official client for the real files, from their parameters and from the files."""
    expected = json.loads((data / "crds/expected_bestrefs.json").read_text())
    rules = firstlight.Rules("hst.pmap", cache=cache, offline=True)
    for name, case in expected.items():
        assert ours(rules, case["header"]) == theirs(case["bestrefs"]), name
    names = list(expected)
    words = [data / name for name in names]
    report = command("bestrefs", *words, "--cache", cache, "--context", "hst.pmap", "--offline", json=True)
    for name, file in zip(names, report["files"]):
        found = {reference["keyword"].lower(): reference["new"] for reference in file["references"]}
        prefix = {"ACS": "jref$", "STIS": "oref$"}[file["instrument"]]
        answers = theirs(expected[name]["bestrefs"]).items()
        assert found == {kind: prefix + answer[0] if isinstance(answer, tuple) else "N/A" for kind, answer in answers}


RMAP = """header = {{
    'derived_from' : 'made for a test', 'filekind' : 'DARKFILE', 'instrument' : 'ACS', 'mapping' : 'REFERENCE',
    'name' : 'hst_acs_darkfile_9999.rmap', 'observatory' : 'HST',
    'sha1sum' : '{sum}',
    {header}
}}

comment = '''
Made for a test: "quotes", # no comment
'''

selector = {selector}
"""

UP_TO = "{'2001-01-01 00:00:00' : 'early.fits', '2005-05-05 05:05:05' : 'middle.fits', '2015-01-01 00:00:00' : 'late.fits'}"
DATES = ["1999-01-01", "2001-01-01", "2003-03-05", "2005-05-05", "2010-03-03", "2030-01-01", "someday", None]
NUMBERS = ["0", "1", "1.2", "1.35", "1.350001", "1.5", "3", "3.25", "4", "5", "9e9", "-1", "N/A", "x", "nan", "inf", None]


def rmap(header, selector):
    import hashlib

    text = RMAP.format(header=header, selector=selector, sum="-")
    kept = "".join(line for line in text.splitlines(True) if "sha1sum" not in line)
    return RMAP.format(header=header, selector=selector, sum=hashlib.sha1(kept.encode()).hexdigest())


def one(keyword, values):
    return [{} if value is None else {keyword: value} for value in values]


def product(**values):
    import itertools

    for chosen in itertools.product(*values.values()):
        yield {keyword: value for keyword, value in zip(values, chosen) if value is not None}


def dated(headers):
    return [{"DATE-OBS": date, "TIME-OBS": "05:05:05", **header} for header in headers for date in DATES if date]


DATED = "('DATE-OBS', 'TIME-OBS')"
SYNTHETIC = {
    "nearest": ("'parkey' : (('WAVE',),),", "GeometricallyNearest({1.2 : 'a', 1.5 : 'b', 5.0 : 'c', -3 : 'd'})", one("WAVE", NUMBERS)),
    "bracket": ("'parkey' : (('WAVE',),),", "Bracket({1.2 : 'a', 1.5 : 'b', 5 : 'c'})", one("WAVE", NUMBERS)),
    "bracket of dates": (
        f"'parkey' : (('WAVE',), {DATED}),",
        f"Bracket({{1.2 : UseAfter({UP_TO}), 5.0 : 'c.fits'}})",
        dated(one("WAVE", NUMBERS)),
    ),
    "version": (
        "'parkey' : (('SW',),),",
        "SelectVersion({'<3.1' : 'a', '<5' : 'b', '= 4' : 'd', '== 1.2' : 'e', 'default' : 'c'})",
        one("SW", NUMBERS),
    ),
    "version without default": ("'parkey' : (('SW',),),", "SelectVersion({'<3.1' : 'a', '<4' : 'b'})", one("SW", NUMBERS)),
    "closest": (f"'parkey' : ({DATED},),", f"ClosestTime({UP_TO})", dated([{}])),
    "nested": (
        f"'parkey' : (('DETECTOR',), ('WAVE',), {DATED}, ('SW',)),",
        "Match({'WFC' : GeometricallyNearest({1 : ClosestTime({'2001-01-01 00:00:00' : "
        "SelectVersion({'<3' : 'a', 'default' : 'b'}), '2011-01-01 00:00:00' : 'c'}), 3 : 'd'}), 'HRC' : 'N/A'})",
        dated(list(product(DETECTOR=["WFC", "HRC", "SBC"], WAVE=["1.4", "2.6", None], SW=["1", "4", None]))),
    ),
    "overlaps": (
        f"'parkey' : (('DETECTOR', 'GAIN'), {DATED}),",
        f"Match({{('A|B', '*') : UseAfter({UP_TO}), ('B', '1|2') : UseAfter({{'2005-05-05 05:05:05' : 'zz.fits', "
        "'1995-01-01 00:00:00' : 'first.fits'}), ('C', 'N/A') : UseAfter({'2000-01-01 00:00:00' : 'c.fits'}), "
        "('C', '2') : UseAfter({'2012-01-01 00:00:00' : 'c2.fits'})})",
        dated(list(product(DETECTOR=["A", "b", "C", "N/A", "*"], GAIN=["1", "2.", "3", "N/A", None]))),
    ),
    "closest overlaps": (
        f"'parkey' : (('DETECTOR',), {DATED}),",
        f"Match({{'A|B' : ClosestTime({UP_TO}), 'B|C' : ClosestTime({{'2005-05-05 05:05:05' : 'zz.fits', "
        "'2009-01-01 00:00:00' : 'x.fits'})})",
        dated(one("DETECTOR", ["A", "B", "C", "D"])),
    ),
    "ambiguous": (
        f"'parkey' : (('DETECTOR',), {DATED}), 'merge_overlaps' : 'False',",
        f"Match({{'A|B' : UseAfter({UP_TO}), 'B|C' : UseAfter({UP_TO})}})",
        dated(one("DETECTOR", ["A", "B", "C"])),
    ),
    "several files": ("'parkey' : (('D',),),", "Match({'A|B' : 'ab', 'B|C' : 'bc', 'D' : ('d1', 'd2')})", one("D", "ABCDE")),
    "versions may not merge": (
        "'parkey' : (('D',), ('SW',)),",
        "Match({'A|B' : SelectVersion({'default' : 'a'}), 'B' : SelectVersion({'default' : 'b'})})",
        list(product(D=["A", "B", "C"], SW=["1", None])),
    ),
    "patterns": (
        "'parkey' : (('A', 'B'),),",
        "Match({('FR*', '# >3000 and <=4200 #') : 'ramp', ('(G1[34]0.)', 'between 10 20') : 'regex', "
        "('{X|Y}', 'NOT 5') : 'literal', ('F?5*|Q[ab]*', '>=7') : 'glob', ('not Z', 'N/A') : 'not', "
        "('#P OR Q#', '-999') : 'either', ('Z', ('1', 2, 3.5)) : 'tuple', (1, True) : 'typed'})",
        list(product(
            A=["FR533N", "G140L", "G130", "G150M", "X|Y", "X", "F555W", "F5", "QA1", "QC", "Z", "P", "1", "N/A", "*", "not Z", None],
            B=["3000", "3000.5", "4200", "10", "15", "20", "5", "7", "-999", "2", "3.5", "T", "N/A", "x", "between 1 2", None],
        )),
    ),
    "substitutions": (
        "'parkey' : (('SUBARRAY', 'D'),), 'substitutions' : {'D' : {'BOTH' : ['A', 'B'], 'OLD' : 'NEW'}},",
        "Match({('GENERIC', 'BOTH') : 'g', ('S', 'OLD') : 's', ('S', 'C') : 'c'})",
        list(product(SUBARRAY=["S", "T", "GENERIC", None], D=["A", "B", "C", "OLD", "NEW", "BOTH"])),
    ),
    "conditions": (
        "'parkey' : (('DETECTOR', 'GAIN'),), 'extra_keys' : ('MODE',), 'reffile_switch' : 'DARKCORR', "
        "'rmap_relevance' : '((DETECTOR != \"SBC\") and (DARKCORR not in [\"OMIT\", \"NONE\"]))', "
        "'rmap_omit' : '(MODE == \"ACQ\" or MODE in (\"X\", \"Y\"))', "
        "'parkey_relevance' : {'gain' : '(not DETECTOR == \"HRC\" if MODE != \"Z\" else False)'}, 'reffile_required' : 'NO',",
        "Match({('WFC', '1.0') : 'w1', ('WFC', '2.0') : 'w2', ('HRC', 'N/A') : 'h', ('WFC', '9') : 'OMIT', ('WFC', '8') : 'TEMP_N/A'})",
        list(product(DETECTOR=["WFC", "HRC", "SBC"], GAIN=["1", "2", "3", "8", "9", None], MODE=["A", "ACQ", "X", "Z", None], DARKCORR=["PERFORM", "omit", None])),
    ),
    "conditions that cannot be told": (
        "'parkey' : (('DETECTOR', 'GAIN'),), 'rmap_relevance' : '(NOSUCH == \"X\")', 'rmap_omit' : '(GAIN < 3)', "
        "'parkey_relevance' : {'gain' : '(NEITHER == \"X\")'},",
        "Match({('WFC', '1.0') : 'w1'})",
        list(product(DETECTOR=["WFC", "HRC"], GAIN=["1", "2"])),
    ),
    "lower case": (
        "'parkey' : (('DETECTOR',),), 'rmap_relevance' : 'DETECTOR == \"HRC\"', 'comment_parkeys' : ('DETECTOR',),",
        "Match({'N/A' : 'x'})",
        one("DETECTOR", ["WFC", "HRC"]),
    ),
}
BIAS = (
    "Match({('WFC', 'AD', 'N/A', 'N/A', '4144', '2068', '0', '0', '24', '0') : 'ad', "
    "('WFC', 'ABCD', '2', 'WFC', '4144', '2068', '0', '0', '24', '0') : 'abcd', "
    "('WFC', 'A', '0.5', 'WFC1-1K', '2072', '1024', '5', '0', '0', '0') : 'sub', "
    "('HRC', 'C', '2', 'N/A', '1062', '1044', '0', '0', '19', '0') : 'hc', "
    "('HRC', 'A', '2', 'N/A', '1062', '1044', '0', '0', '19', '20') : 'ha'})"
)
for generation, (columns, rows, x, y) in {
    1: ("NUMCOLS", "NUMROWS", "LTV1", "LTV2"), 2: ("NAXIS1", "NAXIS2", "LTV1", "LTV2"), 3: ("NAXIS1", "NAXIS2", "RAW_LTV1", "RAW_LTV2"),
}.items():
    SYNTHETIC[f"ACS bias frames, generation {generation}"] = (
        f"'parkey' : (('DETECTOR', 'CCDAMP', 'CCDGAIN', 'APERTURE', '{columns}', '{rows}', 'XCORNER', 'YCORNER', '{x}', '{y}'),), "
        "'extra_keys' : ('DATE-OBS', 'TIME-OBS'), 'hooks' : {"
        f"'precondition_header' : 'precondition_header_acs_biasfile_v{generation}', "
        f"'fallback_header' : 'fallback_header_acs_biasfile_v{generation}'}},",
        BIAS,
        list(product(**{
            "DETECTOR": ["WFC", "HRC"], "CCDAMP": ["A", "C", "D", "ABCD", "AD"], "CCDGAIN": ["2", "0.5", "4"],
            "APERTURE": ["WFC", "WFC1-1K", None], columns: ["4144", "2072", "1062", None], rows: ["4136", "1024"],
            "XCORNER": ["0", "5"], "YCORNER": ["0"], x: ["24", "19"], y: ["0"],
            "DATE-OBS": ["2002-01-01", "2005-01-01", "2010-01-01", "never"], "TIME-OBS": ["00:00:00"],
        })),
    )


@pytest.fixture(scope="module")
def synthetic(cache, tmp_path_factory):
    """The official answers to all rules made for these tests."""
    jobs = [{"text": rmap(*case[:2]), "headers": [{"INSTRUME": "ACS", **h} for h in case[2]]} for case in SYNTHETIC.values()]
    answers = official(jobs, cache, tmp_path_factory.mktemp("synthetic"))
    return {name: (job, given) for (name, job), given in zip(zip(SYNTHETIC, jobs), answers)}


@pytest.mark.parametrize("case", SYNTHETIC)
def test_rules_made_for_the_purpose(synthetic, tmp_path, case):
    job, answers = synthetic[case]
    name = "hst_acs_darkfile_9999.rmap"
    (tmp_path / "mappings/hst").mkdir(parents=True)
    (tmp_path / "mappings/hst" / name).write_text(job["text"])
    rules = firstlight.Rules(name, cache=tmp_path, offline=True)
    for header, expected in zip(job["headers"], answers):
        assert ours(rules, header) == theirs(expected), header
