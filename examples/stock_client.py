"""Runs one notebook with nbclient, as anybody would: no word of Headstart stands in here.

    python stock_client.py NOTEBOOK

Prints one JSON object: when the client started, when the kernel was ready and when the last cell
was done (in seconds, of a clock that only goes forward), and what a cell at the end of the notebook
found in the kernel.
"""

import json
import sys
import time

import nbclient
import nbformat

PROBE = """
import importlib.metadata, json, sys
print(json.dumps({
    "python": sys.version.split()[0],
    "prefix": sys.prefix,
    "versions": {
        d.name: d.version
        for d in importlib.metadata.distributions(path=[p for p in sys.path if sys.prefix in p])
    },
}))
"""


def main(path):
    """Run the notebook at ``path`` and describe the run."""
    notebook = nbformat.read(path, as_version=4)
    notebook.cells.append(nbformat.v4.new_code_cell(PROBE))
    times = {}
    client = nbclient.NotebookClient(
        notebook, on_notebook_start=lambda **_: times.update(ready=time.monotonic())
    )
    times["client_started"] = time.monotonic()
    client.execute()
    times["done"] = time.monotonic()
    found = json.loads(notebook.cells[-1].outputs[0]["text"])
    print(json.dumps(times | found))


if __name__ == "__main__":
    main(sys.argv[1])
