"""What a kernel process is told, and how a failed one explains itself."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import headstart_kernel
from headstart_kernel.failed import RESTART, render
from headstart_kernel.launch_request import Launch


def test_a_launch_comes_back_from_its_json():
    launch = Launch("/prefix", [5, 6])

    assert vars(Launch.from_json(launch.to_json())) == vars(launch)


def test_a_link_is_named_by_its_descriptor_also_if_that_is_0():
    assert Launch.from_json(Launch(link=0).to_json()).link == 0
    assert "link" not in Launch().to_json()


def test_an_error_is_rendered_with_its_cause_and_its_hint():
    lines = render({"message": "What.", "hint": "Do.", "details": {"log": "uv says\n"}}, RESTART)

    text = "\n".join(lines)
    assert text.index("What.") < text.index("uv says") < text.index("Do.")
    assert lines[-1] == "Then restart the kernel."


def test_the_package_needs_nothing_but_the_standard_library():
    folder = Path(headstart_kernel.__file__).parent
    names = [path.stem for path in folder.glob("*.py") if path.stem != "__init__"]
    code = f"import sys; sys.path.append({str(folder.parent)!r})\n" + "\n".join(
        f"import headstart_kernel.{name}" for name in names
    )

    subprocess.run([sys.executable, "-I", "-S", "-c", code], check=True)
