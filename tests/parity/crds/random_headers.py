"""Headers at random, seeded: of values that rules ask for, and of others that headers really have."""

import datetime
import random
import re

ODD = ["N/A", "UNDEFINED", "", "ANY", "*", "-999", "NONE", "NOT APPLICABLE", "n/a", "XYZZY", "NOT PRESENT", "T", "False"]
SWITCH = ["PERFORM", "OMIT", "COMPLETE", "perform", "NONE", "SKIPPED"]
# What relevance asks for, and rules may not list among their values.
EXTRA = {
    "OBSTYPE": ["IMAGING", "SPECTROSCOPIC", "CORONAGRAPHIC", "INTERNAL"],
    "OBSMODE": ["TIME-TAG", "ACCUM", "ACQ"],
    "EXPTYPE": ["EXTERNAL/SCI", "WAVECAL"],
    "FLASHCUR": ["OFF", "LOW", "MED", "HIGH", "NONE", "ZERO"],
    "SUBARRAY": ["T", "F", "TRUE", "False"],
    "SAMP_SEQ": ["SPARS4", "SPARS10", "STEP50", "RAPID", "NONE"],
    "APERTURE": ["WFC1-1K", "UVIS2-C512C-SUB", "HRC", "SBC", "WFC", "50CCD", "PSA"],
    "CCDAMP": ["A", "B", "C", "D", "ABCD", "AD", "BC"],
    "CCDGAIN": ["0.5", "1", "1.4", "2", "2.0", "4", "8"],
    "NUMCOLS": ["1062", "2070", "4144", "1024"],
    "NUMROWS": ["1044", "2068", "4136", "1033"],
    "XCORNER": ["0", "0.0", "12"],
    "YCORNER": ["0", "0.0", "12"],
    "LTV1": ["24", "19.0", "0"],
    "LTV2": ["0", "20.", "0.0"],
    "LRFWAVE": ["0", "2999", "3000", "3500.5", "4200", "5800.0", "9000", "10000", "10001"],
    "IMAGETYP": ["EXT", "BIAS", "DARK"],
    "FILTNAM1": ["F555W", "FR533N", "FR868P15", ""],
    "FILTNAM2": ["FR418N", "F814W", ""],
    "LIFE_ADJ": ["1", "2.0", "3", "-1"],
}


def headers(known, count, seed):
    """``count`` headers, as many of each instrument, for the values that :func:`official.known` gives."""
    chance = random.Random(seed)
    instruments = sorted(known)
    return [header(chance, instruments[n % len(instruments)], known[instruments[n % len(instruments)]]) for n in range(count)]


def header(chance, instrument, types):
    made = {"INSTRUME": instrument.upper()}
    pools = {}
    for values in types.values():
        for keyword, of_keyword in values.items():
            pools.setdefault(keyword, set()).update(of_keyword)
    kind = types[chance.choice(sorted(types))]
    for keyword in sorted(pools):
        if keyword in ("dates", "DATE-OBS", "TIME-OBS", "INSTRUME"):
            continue
        # Mostly of one type's own values, so that whole rules match.
        own = kind.get(keyword) if chance.random() < 0.7 else None
        value = spelled(chance, pick(chance, keyword, sorted(own or pools[keyword])))
        if value is not None:
            made[keyword] = value
    made.update(date(chance, sorted(kind.get("dates") or pools.get("dates", []))))
    if chance.random() < 0.1:
        made[instrument] = made.pop(chance.choice(sorted(made.keys() - {"INSTRUME"})), "X")
    return made


def pick(chance, keyword, values):
    """A value, or ``None`` for a keyword that is missing."""
    roll = chance.random()
    if roll < 0.04:
        return None
    if roll < 0.09:
        return chance.choice(ODD)
    if keyword.endswith("CORR"):
        return chance.choice(SWITCH)
    plain = [value for value in values if not re.search(r"[*#<>{}()]", value)]
    if keyword in EXTRA and (not plain or roll < 0.4):
        return chance.choice(EXTRA[keyword])
    return chance.choice(plain) if plain else chance.choice(ODD)


def spelled(chance, value):
    """The same value as another header may spell it."""
    if value is None:
        return None
    roll = chance.random()
    if re.fullmatch(r"-?\d+\.0", value):
        number = float(value)
        return chance.choice([value, f"{number:g}", f"{int(number)}.", f"{number:.3f}", f"{number:e}", f" {value} "])
    if roll < 0.15:
        return value.lower()
    if roll < 0.25:
        return f"{value}   "
    return value


def date(chance, useafter):
    """DATE-OBS and TIME-OBS: about a date of the rules, exactly on one, before the first, after the last, or wrong."""
    roll = chance.random()
    if roll < 0.03:
        return chance.choice([
            {}, {"DATE-OBS": "2005-01-01"}, {"TIME-OBS": "00:00:00"}, {"DATE-OBS": "someday", "TIME-OBS": "00:00:00"},
            {"DATE-OBS": "2005-02-30", "TIME-OBS": "00:00:00"}, {"DATE-OBS": "2005-01-01", "TIME-OBS": "25:00:00"},
            {"DATE-OBS": "N/A", "TIME-OBS": "N/A"}, {"DATE-OBS": "2005-01-01T10:00:00", "TIME-OBS": "10:00:00"},
        ])
    if roll < 0.08:
        moment = datetime.datetime(1985, 5, 5, 5, 5, 5)
    elif roll < 0.2:
        moment = datetime.datetime(2030, 12, 31, 23, 59, 59)
    elif useafter and roll < 0.75:
        moment = datetime.datetime.fromisoformat(chance.choice(useafter))
        moment += datetime.timedelta(seconds=chance.choice([0, 0, 1, -1, 86400, -86400]))
    else:
        moment = datetime.datetime(1990, 1, 1) + datetime.timedelta(seconds=chance.randrange(28 * 365 * 86400))
    day = moment.strftime(chance.choice(["%Y-%m-%d"] * 6 + ["%d/%m/%y", "%Y/%m/%d", "%b %d %Y"]))
    time = moment.strftime("%H:%M:%S") + chance.choice(["", "", "", ".25", ".12345"])
    return {"DATE-OBS": day, "TIME-OBS": time}
