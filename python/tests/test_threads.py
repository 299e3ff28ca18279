"""Threads: their number, and processes that were forked."""

import multiprocessing
import sys

import firstlight
import numpy as np
import pytest

SKY = np.random.default_rng(1).normal(100, 10, (300, 300))
APERTURES = firstlight.CircularAperture([(50 + i % 200, 40 + i) for i in range(200)], r=8.0)


def sums():
    return np.asarray(firstlight.aperture_photometry(SKY, APERTURES)["aperture_sum"])


def test_results_do_not_depend_on_the_number():
    before = firstlight.get_threads()
    try:
        firstlight.set_threads(1)
        assert firstlight.get_threads() == 1
        one = sums()
        firstlight.set_threads(3)
        assert firstlight.get_threads() == 3
        assert np.array_equal(one, sums())
        with pytest.raises(ValueError, match="at least one thread"):
            firstlight.set_threads(0)
    finally:
        firstlight.set_threads(None)
    assert firstlight.get_threads() == before


def send_sums(writer):
    writer.send(sums())


@pytest.mark.skipif(sys.platform != "linux", reason="processes are forked on Linux only")
@pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork.*:DeprecationWarning")
def test_a_forked_process_works():
    here = sums()
    context = multiprocessing.get_context("fork")
    reader, writer = context.Pipe(duplex=False)
    child = context.Process(target=send_sums, args=(writer,))
    child.start()
    try:
        assert reader.poll(60), "the forked process hangs"
        assert np.array_equal(reader.recv(), here)
    finally:
        child.kill()
        child.join()
