"""L.A.Cosmic on a frame of 2048² pixels with stars and cosmic rays, against astroscrappy; the masks are the same."""

import timing

SHAPE = (2048, 2048)


def sky():
    import numpy as np

    rng = np.random.default_rng(5)
    image = np.full(SHAPE, 200.0)
    y, x = np.mgrid[-12:13, -12:13]
    for _ in range(600):
        cy, cx = rng.integers(12, SHAPE[0] - 12), rng.integers(12, SHAPE[1] - 12)
        star = 10 ** rng.uniform(2, 5) * np.exp(-(x**2 + y**2) / (2 * 1.3**2))
        image[cy - 12 : cy + 13, cx - 12 : cx + 13] += star
    image = rng.poisson(image) + rng.normal(0, 6.5, SHAPE)
    for _ in range(2000):
        cy, cx, angle = rng.integers(20, SHAPE[0] - 20), rng.integers(20, SHAPE[1] - 20), rng.uniform(0, np.pi)
        for step in range(rng.integers(1, 8)):
            image[int(cy + step * np.sin(angle)), int(cx + step * np.cos(angle))] += rng.uniform(100, 3000)
    return image.astype(np.float32)


def prepare(package, options):
    def prepared():
        import importlib

        return importlib.import_module(package).detect_cosmics, sky(), options

    return prepared


def work(prepared):
    function, image, options = prepared
    return function(image, **options)


def agree(prepared):
    import numpy as np

    ours, theirs = (work(one)[0] for one in prepared)
    np.testing.assert_array_equal(ours, theirs)


def main():
    for what, options in {"separable": {}, "square": {"sepmed": False}}.items():
        ours, theirs = (prepare(package, options) for package in ("firstlight", "astroscrappy"))
        # In a process of its own: threads that were begun here would not be there in those that are measured.
        timing.call(lambda: (ours(), theirs()), agree)()
        timing.compare(
            f"L.A.Cosmic, 2048 x 2048, {what} medians",
            "astroscrappy",
            timing.call(theirs, work),
            timing.call(ours, work),
        )


if __name__ == "__main__":
    main()
