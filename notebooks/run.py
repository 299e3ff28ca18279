"""Runs the code cells of a notebook in order, in this folder: ``python run.py NOTEBOOK.ipynb``.

The tests run each notebook so. Nothing but Python is needed; what a cell's last line is worth is printed.
"""

import ast
import json
import pathlib
import sys
import time


def cells(notebook):
    """The code cells' texts, in order."""
    content = json.loads(pathlib.Path(notebook).read_text())
    return ["".join(cell["source"]) for cell in content["cells"] if cell["cell_type"] == "code"]


def run(notebook):
    """Runs all cells in one namespace, as a kernel would; stops at the first that fails."""
    namespace = {"__name__": "__main__"}
    for number, source in enumerate(cells(notebook), start=1):
        start = time.perf_counter()
        tree = ast.parse(source, filename=f"{notebook}, cell {number}")
        last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, f"<cell {number}>", "exec"), namespace)
        if last is not None:
            value = eval(compile(ast.Expression(last.value), f"<cell {number}>", "eval"), namespace)
            if value is not None:
                print(value)
        print(f"-- cell {number}: {time.perf_counter() - start:.2f} s", flush=True)


if __name__ == "__main__":
    run(sys.argv[1])
