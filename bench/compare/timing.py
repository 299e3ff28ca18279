"""Time and peak memory of a peer and of firstlight on the same input, in the same run.

Each measurement runs in a process of its own, so that peak memory is its own too, and the two take turns, so
that a change of the machine's mood hits both. The best of the runs counts. Imports and preparation are not
timed; the memory they take is part of the peak, as it is for a user.
"""

import importlib.metadata
import json
import os
import subprocess
import sys
import time
import traceback


def call(prepare, work):
    """A measurement of ``work(prepare())`` in a fresh process.

    What is heavy is imported by ``prepare``, not by the script: the process starts out with the script's memory.
    """

    def measure():
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            status = 1
            try:
                prepared = prepare()
                start = time.perf_counter()
                work(prepared)
                os.write(writer, repr(time.perf_counter() - start).encode())
                status = 0
            except BaseException:
                traceback.print_exc()
            finally:
                os._exit(status)
        os.close(writer)
        with os.fdopen(reader) as pipe:
            seconds = pipe.read()
        return finished(child, seconds)

    return measure


def command(words, prepare=lambda: None):
    """A measurement of a command, from its start to its end."""
    line = [sys.executable, "-S", "-c", LAUNCH, *map(str, words)]

    def measure():
        prepare()
        done = subprocess.run(line, stdout=subprocess.PIPE, text=True, check=True)
        seconds, rss = done.stdout.split()
        return float(seconds), int(rss) * KILOBYTE

    return measure


# A process starts out with the peak of the one that started it, so commands are started by a small one.
LAUNCH = """
import os, sys, time
quiet = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
start = time.perf_counter()
child = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ, file_actions=quiet)
_, status, usage = os.wait4(child, 0)
print(time.perf_counter() - start, usage.ru_maxrss)
sys.exit(status != 0)
"""

# ru_maxrss is in kilobytes on Linux, in bytes on macOS.
KILOBYTE = 1 if sys.platform == "darwin" else 1024


def finished(child, seconds):
    _, status, usage = os.wait4(child, 0)
    if status != 0:
        raise RuntimeError("a measured process failed")
    return float(seconds), usage.ru_maxrss * KILOBYTE


def compare(name, peer, peer_measure, our_measure, runs=3, version=None):
    """Measures both, in turns, and prints the one line that the runner reads.

    ``peer`` is the package that ``peer_measure`` measures, or any program, with its ``version``; times are in seconds,
    memory in bytes.
    """
    peer_runs, our_runs = [], []
    for _ in range(runs):
        peer_runs.append(peer_measure())
        our_runs.append(our_measure())
    peer_s, ours_s = (min(seconds for seconds, _ in measured) for measured in (peer_runs, our_runs))
    peer_rss, ours_rss = (max(rss for _, rss in measured) for measured in (peer_runs, our_runs))
    line = {
        "name": name,
        "peer": peer,
        "peer_version": version or importlib.metadata.version(peer),
        "peer_s": round(peer_s, 6),
        "ours_s": round(ours_s, 6),
        "ratio": round(peer_s / ours_s, 2),
        "peer_rss": peer_rss,
        "ours_rss": ours_rss,
    }
    print(json.dumps(line), flush=True)
    return line
