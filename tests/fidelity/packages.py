"""Small wheels with what trips an environment: path files, namespaces, a sitecustomize."""

from __future__ import annotations

from pathlib import Path

from headstart.testing.wheels import make_wheel

# Names that nobody would publish, so that an index never has a newer one.
REQUIREMENTS = (
    "hs-odd-spread-one",
    "hs-odd-spread-two",
    "hs-odd-hooked",
    "hs-odd-pathed",
    "hs-odd-customized",
    "hs-odd-extended",
)

_HOOK = """\
import importlib.abc, importlib.util, sys

class Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(self, name, path=None, target=None):
        if name == "hooked":
            return importlib.util.spec_from_loader(name, self)
    def exec_module(self, module):
        module.LOADED_BY = "an import hook"

sys.meta_path.append(Finder())
"""


_EXTENSION = """\
import numpy

def load_ipython_extension(shell):
    shell.push({"extension_loaded": numpy.__name__})
"""


def make_odd_wheels(folder: Path) -> None:
    """Write the wheels of `REQUIREMENTS` into ``folder``."""
    make_wheel(folder, "hs-odd-spread-one", "1.0", {"spread/one.py": "NAME = 'one'\n"})
    make_wheel(folder, "hs-odd-spread-two", "1.0", {"spread/two.py": "NAME = 'two'\n"})
    make_wheel(
        folder,
        "hs-odd-hooked",
        "1.0",
        {"pth_marker.py": _HOOK, "hooked.pth": "import pth_marker\n"},
    )
    # As an editable install does it: a path file names a folder of sources.
    make_wheel(
        folder,
        "hs-odd-pathed",
        "1.0",
        {"pathed_sources/on_the_path.py": "", "pathed.pth": "pathed_sources\n"},
    )
    make_wheel(folder, "hs-odd-customized", "1.0", {"sitecustomize.py": "MARK = 'customized'\n"})
    make_wheel(folder, "hs-odd-extended", "1.0", {"needs_numpy.py": _EXTENSION})


def write_notebook_folder(folder: Path) -> None:
    """Modules beside a notebook, for its cells and its pools."""
    folder.mkdir(parents=True)
    (folder / "beside.py").write_text("VALUE = 'beside the notebook'\n")
    (folder / "pools.py").write_text(
        "import sys\n\n\ndef where(number):\n"
        "    import numpy, zmq\n"
        "    return number, sys.prefix, sys.executable, numpy.__version__, zmq.__version__\n"
    )


def write_startup(folder: Path) -> Path:
    """A start-up file that needs the notebook's packages, in a profile without configuration."""
    startup = folder / "profile_default" / "startup"
    startup.mkdir(parents=True)
    (startup / "10-numpy.py").write_text("import numpy\nstartup_numpy = numpy.__version__\n")
    return startup


def write_ipython_profile(folder: Path) -> None:
    """The same with ``exec_lines`` and an extension that need them; no kernel is made ahead."""
    profile = write_startup(folder).parent
    (profile / "ipython_config.py").write_text(
        "c = get_config()\n"
        "c.InteractiveShellApp.exec_lines = "
        "['import numpy, pandas', 'exec_line_sum = int(numpy.arange(4).sum())']\n"
        "c.InteractiveShellApp.extensions = ['needs_numpy']\n"
    )
