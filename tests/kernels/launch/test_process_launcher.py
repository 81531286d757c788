"""Kernels that are started as new processes."""

from __future__ import annotations

import os
import sys

from headstart.kernels.launch.process_launcher import ProcessLauncher


def test_a_process_inherits_the_descriptors_that_are_its_leases():
    read, write = os.pipe()
    code = f"import os; os.write({write}, b'inherited')"

    process = ProcessLauncher().launch([sys.executable, "-c", code], [write])

    assert process.wait() == 0
    assert os.read(read, 9) == b"inherited"
    os.close(read)
    os.close(write)
