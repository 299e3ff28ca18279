"""Best references as the official client works them out, many at once, in a process of its own.

Reads a JSON list of jobs from standard input, each ``{"context": name, "headers": [...]}`` or, for rules that are
in no cache, ``{"text": rmap, "headers": [...]}``, and writes the answers, ``{type: text}`` for each header, to the
file that is named. The cache is the one that CRDS_PATH names.
"""

import json
import sys

from crds.core import log, rmap, selectors

log.set_verbose(-3)


def answers(job):
    if "text" in job:
        mapping = rmap.ReferenceMapping.from_string(job["text"], "synthetic.rmap", ignore_checksum=True)
    else:
        mapping = rmap.get_cached_mapping(job["context"])
    for header in job["headers"]:
        try:
            found = rmap.get_best_references(mapping, header)
        except Exception as error:
            # As the command does, which goes on with the next file.
            found = {"ERROR": str(error)}
        yield {kind: list(flat(name)) if isinstance(name, tuple) else name for kind, name in found.items()}


def flat(names):
    for name in names:
        yield from flat(name) if isinstance(name, tuple) else [name]


def values(selector, keywords, found):
    """The values that a selector asks for, by keyword."""
    if isinstance(selector, selectors.MatchSelector):
        for key in selector.keys():
            for keyword, value in zip(keywords[0], key):
                found.setdefault(keyword, set()).update(selectors.glob_list(value))
    else:
        found.setdefault("dates", set()).update(str(key) for key in selector.keys())
    for choice in selector.choices():
        if isinstance(choice, selectors.Selector):
            values(choice, keywords[1:], found)


def known(context):
    """Of each instrument and type: the keywords, and the values and dates that rules have for them."""
    pmap = rmap.get_cached_mapping(context)
    everything = {}
    for instrument in pmap.selections.keys():
        everything[instrument] = {}
        imap = pmap.get_imap(instrument)
        for kind in imap.selections.keys():
            rules = imap.selections[kind]
            if isinstance(rules, str):  # N/A for the whole instrument
                continue
            found = {keyword: set() for keyword in rules.get_required_parkeys()}
            values(rules.selector, rules.parkey, found)
            everything[instrument][kind] = {keyword: sorted(values) for keyword, values in found.items()}
    return everything


if __name__ == "__main__":
    jobs = json.load(sys.stdin)
    results = [known(job["known"]) if "known" in job else list(answers(job)) for job in jobs]
    with open(sys.argv[1], "w") as output:
        json.dump(results, output)
