"""Random numbers, temporary files, locale, time zone, logging, limits, and the process itself."""

# %%
import random
import secrets
import uuid

random.seed(5)
print(random.random(), random.sample(range(100), 4), random.Random(2).gauss(0, 1))
print(len(secrets.token_hex()), uuid.uuid5(uuid.NAMESPACE_DNS, "x").version, uuid.getnode() > 0)

# %%
import os
import tempfile
from pathlib import Path

with tempfile.NamedTemporaryFile() as file, tempfile.TemporaryDirectory() as folder:
    print(Path(file.name).parent, oct(Path(file.name).stat().st_mode), Path(folder).is_dir())
    print(oct(Path(folder).stat().st_mode), tempfile.gettempprefix(), os.listdir(folder))

# %%
import locale
import sys
import time
from datetime import datetime

print(locale.getlocale(), locale.setlocale(locale.LC_ALL, None), locale.getencoding())
print(time.tzname, time.timezone, datetime.now().astimezone().tzinfo, sys.getfilesystemencoding())
os.environ["TZ"] = "Asia/Kolkata"
time.tzset()
print(time.tzname, time.strftime("%z", time.localtime(0)))

# %%
from zoneinfo import ZoneInfo

print(datetime(2026, 7, 1, tzinfo=ZoneInfo("America/New_York")).isoformat())
print("ä".encode(), sys.stdout.encoding, sys.getdefaultencoding(), sys.flags.utf8_mode)

# %%
import logging
import warnings

logging.warning("a warning of the root's")
logging.getLogger("quiet").info("not shown")
print(logging.getLogger().handlers, sorted(logging.root.manager.loggerDict)[:5])
warnings.warn("shown once", stacklevel=1)
warnings.warn("deprecated", DeprecationWarning, stacklevel=1)

# %%
import resource

for name in sorted(name for name in dir(resource) if name.startswith("RLIMIT_")):
    print(name, resource.getrlimit(getattr(resource, name)))
print(os.nice(0), sorted(os.sched_getaffinity(0)), os.getgroups(), os.getuid(), os.getcwd())
print(os.umask(0o22), os.cpu_count(), os.getloadavg() is not None)

# %%
import gc

print(sys.argv[0].rpartition("/")[2], sys.argv[1], sys.flags, sys.getrecursionlimit())
print(gc.isenabled(), gc.get_threshold(), sys.gettrace(), sys.getprofile(), sys.platform)
print(sys.implementation.name, sys.version, sys.getrefcount(None) > 0, sys.intern("x"))


# %%
def deep(n):
    try:
        return deep(n + 1)
    except RecursionError:
        return n


# Another launcher has some frames more, or less, below the cell's.
print(sys.getrecursionlimit() - deep(0) < 100)

# %%
import contextvars
import weakref

variable = contextvars.ContextVar("variable", default="the default")
print(variable.get(), __name__, __builtins__ is not None, "__file__" in globals())


class Thing:
    pass


thing = Thing()
reference = weakref.ref(thing)
del thing
print(reference(), sys.modules["__main__"].Thing is Thing)

# %%
import inspect
import linecache

print(inspect.getsource(deep), len(linecache.cache) > 0, inspect.getmodule(Thing).__name__)
help(Thing)

# %%
import ctypes
import hashlib
import sqlite3
import ssl
import zlib

print(ctypes.CDLL(None).getpid() == os.getpid(), hashlib.sha256(b"x").hexdigest()[:8])
print(sqlite3.connect(":memory:").execute("select 1 + 1").fetchone(), zlib.crc32(b"x"))
print(ssl.create_default_context().verify_mode, sorted(hashlib.algorithms_available)[:4])

# %%
from importlib import metadata, resources, util

print(sorted({item.name.lower() for item in metadata.distributions()} & {"numpy", "ipykernel"}))
print(util.find_spec("json").origin, util.find_spec("nobody_has_this"))
print(resources.files("email").joinpath("architecture.rst").name)
