"""Whether this process has made a ZeroMQ context.

Relies on: pyzmq >= 23: the private ``zmq.Context._instance``, the context that all of a process
share.
Why: a context has threads and descriptors of its own, which do not survive a fork.
Without it: every process counts as having one; nothing is forked, and kernels are processes.
Noticed by: tests/headstart_kernel/zygote/test_preimport.py
"""

import sys
from typing import Any

__all__ = ["may_have_context"]


def may_have_context() -> bool:
    """Whether there is one that all share, or none can tell. pyzmq is not imported for it."""
    zmq: Any = sys.modules.get("zmq")
    return zmq is not None and vars(zmq.Context).get("_instance", zmq) is not None
