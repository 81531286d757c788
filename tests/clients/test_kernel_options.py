"""What a header says of the kernel's process: variables, and where programs are found."""

from __future__ import annotations

import json

import pytest

from headstart.testing.notebooks import save_notebook
from tests.core.factory import block

from .drive import said

pytestmark = pytest.mark.real_index

ASK = """
import json, os, shutil, subprocess, sys
told = "import json, os; print(json.dumps([os.environ['PATH'], os.environ['TITLE']]))"
child = json.loads(subprocess.run([sys.executable, "-c", told], capture_output=True).stdout)
shell = subprocess.run("my-tool; hs-other --version; echo $TITLE", shell=True, text=True,
                       capture_output=True).stdout.split("\\n")
found = [shutil.which("my-tool"), shutil.which("hs-other")]
print(json.dumps([sys.prefix, os.environ["PATH"], os.environ["TITLE"], child, shell, found]))
"""


def test_variables_and_folders_reach_the_kernel_and_its_children(clients, folder):
    """In this order: the environment's programs, the header's folders, all others."""
    tools = folder / "my tools"
    tools.mkdir()
    for name in ("my-tool", "hs-other", "python"):
        (tools / name).write_text("#!/bin/sh\necho tool\n")
        (tools / name).chmod(0o755)
    table = ["[tool.headstart]", 'prepend-paths = ["my tools"]', 'env = {TITLE = "two  words"}']
    header = block('dependencies = ["hs-other"]', *table)
    notebook = save_notebook(folder / "a.ipynb", header, ASK)

    clients.run("jupyter", "execute", "--inplace", notebook, folder=folder)

    prefix, path, title, child, shell, found = json.loads(said(notebook))
    first, second, *rest = path.split(":")
    assert (first, second) == (f"{prefix}/bin", str(tools))
    assert rest == clients.environ["PATH"].split(":")
    assert (title, child) == ("two  words", [path, title])
    assert found == [f"{tools}/my-tool", f"{prefix}/bin/hs-other"]
    assert (shell[0], shell[-2]) == ("tool", "two words")
