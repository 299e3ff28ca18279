"""Sums and errors in 10,000 apertures, against photutils."""

import timing

SHAPES = {
    "CircularAperture": dict(r=8.0),
    "EllipticalAperture": dict(a=12.0, b=6.0, theta=0.6),
    "EllipticalAnnulus": dict(a_in=10.0, a_out=20.0, b_out=10.0, theta=0.6),
    "RectangularAperture": dict(w=15.0, h=10.0, theta=0.6),
}


def prepare(package, kind, method):
    def prepared():
        import importlib

        import numpy as np

        module = importlib.import_module(package)
        rng = np.random.default_rng(1)
        data = rng.normal(100, 10, (2048, 2048))
        error = np.sqrt(data)
        aperture = getattr(module, kind)(rng.uniform(30, 2018, (10_000, 2)), **SHAPES[kind])
        return module.aperture_photometry, (data, aperture), dict(error=error, method=method)

    return prepared


def work(prepared):
    function, arguments, options = prepared
    function(*arguments, **options)


def check(kind, method):
    """The two give the same sums; exact rectangles are only sampled by photutils."""
    import numpy as np

    rtol = 1e-3 if kind.startswith("Rect") and method == "exact" else 1e-10
    function, (data, aperture), options = prepare("photutils.aperture", kind, method)()
    theirs = function(data, aperture[:100], **options)
    function, (data, aperture), options = prepare("firstlight", kind, method)()
    ours = function(data, aperture[:100], **options)
    for name in ("aperture_sum", "aperture_sum_err"):
        np.testing.assert_allclose(ours[name], theirs[name], rtol=rtol)


def main():
    for kind in SHAPES:
        for method in ("exact", "center"):
            check(kind, method)
            timing.compare(
                f"10,000 × {kind}, {method}, with errors",
                "photutils",
                timing.call(prepare("photutils.aperture", kind, method), work),
                timing.call(prepare("firstlight", kind, method), work),
            )


if __name__ == "__main__":
    main()
