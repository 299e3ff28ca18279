"""Runs the comparisons in this folder and writes ``bench/runs/<date>/summary.md``.

    python bench/compare/run.py [NAME…] [--out FOLDER]

Needs the peers (``tests/parity/requirements.txt``), the installed wheel, and ``FIRSTLIGHT_BIN``, the path of the
release build of the command. On a machine that does other work at the same time only the ratios mean anything.
"""

import argparse
import datetime
import json
import os
import pathlib
import platform
import subprocess
import sys

HERE = pathlib.Path(__file__).parent
NOT_COMPARISONS = {"run.py", "timing.py", "drizzlepac_runs.py"}


def main():
    arguments = parser().parse_args()
    scripts = [script for script in sorted(HERE.glob("*.py")) if script.name not in NOT_COMPARISONS]
    if arguments.names:
        scripts = [script for script in scripts if script.stem in arguments.names]
    lines, failed = [], []
    for script in scripts:
        print(f"== {script.stem}", flush=True)
        done = subprocess.run([sys.executable, script], stdout=subprocess.PIPE, text=True)
        print(done.stdout, end="", flush=True)
        lines += [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
        if done.returncode != 0:
            failed.append(script.stem)
    folder = arguments.out or HERE.parent / "runs" / datetime.date.today().isoformat()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "summary.md").write_text(summary(lines, failed))
    print(f"{len(lines)} comparisons in {folder / 'summary.md'}")
    return 1 if failed else 0


def parser():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help="comparisons to run [default: all]")
    parser.add_argument("--out", type=pathlib.Path, help="folder of the summary [default: bench/runs/<date>]")
    return parser


def summary(lines, failed):
    rows = [
        f"| {line['name']} | {line['peer']} {line['peer_version']} | {seconds(line['peer_s'])} | {seconds(line['ours_s'])} "
        f"| {line['ratio']:.3g}× | {megabytes(line['peer_rss'])} | {megabytes(line['ours_rss'])} |"
        for line in lines
    ]
    head = [
        f"# Comparisons of {datetime.date.today().isoformat()}",
        "",
        f"{machine()}. Best of the runs, peer and firstlight in turns, each in a process of its own; imports are not timed.",
        "Memory is the peak of the whole process.",
        "",
        "| what | peer | peer, s | firstlight, s | faster | peer, MB | firstlight, MB |",
        "|---|---|---|---|---|---|---|",
    ]
    tail = ["", f"Failed: {', '.join(failed)}."] if failed else []
    return "\n".join(head + rows + tail) + "\n"


def seconds(value):
    return f"{value:.3g}"


def megabytes(value):
    return f"{value / 1e6:.0f}" if value else "–"


def machine():
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return f"{platform.system()} {platform.machine()}, {cores} cores, Python {platform.python_version()}"


if __name__ == "__main__":
    sys.exit(main())
