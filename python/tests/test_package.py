"""The package as a whole: what it exports is documented and typed, and importing it costs nothing."""

import ast
import importlib.metadata
import inspect
import pathlib
import subprocess
import sys

import firstlight
from firstlight import _native

PACKAGE = pathlib.Path(firstlight.__file__).parent
STUBS = PACKAGE / "_native.pyi"


def public(module):
    return {name for name in vars(module) if not name.startswith("_")}


def stubs():
    """Name to node, of what the stub file declares."""
    declared = {}
    for node in ast.parse(STUBS.read_text()).body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            declared[node.name] = node
        elif isinstance(node, ast.AnnAssign):
            declared[node.target.id] = node
    return declared


def parameters(arguments):
    """The names that a declaration takes, in order."""
    named = arguments.posonlyargs + arguments.args + arguments.kwonlyargs
    stars = [star for star in (arguments.vararg, arguments.kwarg) if star]
    return [argument.arg for argument in named + stars]


def test_the_wheel_is_tested_and_not_the_sources():
    assert "site-packages" in PACKAGE.parts


def test_the_version_is_the_wheels():
    assert firstlight.__version__ == importlib.metadata.version("firstlight")


def test_the_wheel_is_typed():
    assert (PACKAGE / "py.typed").exists()
    assert STUBS.exists()


def test_every_native_name_has_a_stub_and_every_stub_a_name():
    declared = {name for name in stubs() if not name.startswith("_")}
    assert declared == public(_native)


def test_stubs_have_the_parameters_of_what_they_declare():
    checked = 0
    for name, node in stubs().items():
        if not isinstance(node, ast.FunctionDef):
            continue
        real = inspect.signature(getattr(_native, name))
        assert parameters(node.args) == list(real.parameters), name
        checked += 1
    functions = [name for name in public(_native) if inspect.isbuiltin(getattr(_native, name))]
    assert checked == len(functions)


def test_every_public_name_exists_and_is_documented():
    assert len(set(firstlight.__all__)) == len(firstlight.__all__)
    for name in firstlight.__all__:
        thing = getattr(firstlight, name)
        if callable(thing):
            assert inspect.getdoc(thing), f"firstlight.{name} has no docstring"
    for name in firstlight.__all__:
        assert name in dir(firstlight)


def test_methods_of_public_classes_are_documented():
    for name in firstlight.__all__:
        thing = getattr(firstlight, name)
        if not inspect.isclass(thing) or not thing.__module__.startswith("firstlight"):
            continue
        for method, value in vars(thing).items():
            if not method.startswith("_") and (callable(value) or isinstance(value, property)):
                assert inspect.getdoc(value), f"firstlight.{name}.{method} has no docstring"


def test_errors_are_of_one_family():
    assert issubclass(firstlight.InputError, firstlight.FirstlightError)
    assert issubclass(firstlight.UnsupportedError, firstlight.FirstlightError)


def test_importing_loads_nothing_heavy():
    """numpy, astropy and pandas are loaded by the first call that needs them."""
    script = (
        "import sys; before = set(sys.modules); import firstlight; "
        "print(*sorted({name.split('.')[0] for name in set(sys.modules) - before}))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "firstlight" in loaded
    assert not loaded & {"numpy", "astropy", "pandas", "matplotlib", "asyncio", "http"}, loaded
