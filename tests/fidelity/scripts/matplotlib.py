"""Plots: inline as PNG and SVG, in a file, in a child process, and with other back ends."""

# %%
import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np

print(mpl.__version__, mpl.get_backend(), mpl.rcParams["figure.dpi"], mpl.matplotlib_fname())
figure, axes = plt.subplots(1, 2)
axes[0].plot(np.sin(np.linspace(0, 6)))
axes[1].imshow(np.arange(9).reshape(3, 3))
axes[1].set_title("Ünïcode $x^2$")
plt.show()

# %%
from IPython import get_ipython

get_ipython().run_line_magic("config", "InlineBackend.figure_formats = ['svg']")
mpl.rcParams["svg.hashsalt"] = "fixed"
plt.rcParams["svg.fonttype"] = "none"
plt.plot([1, 2, 3])
plt.gca().set_xlabel("x")  # fmt: skip

# %%
import hashlib
import io

stream = io.BytesIO()
figure.savefig(stream, format="png", metadata={"Software": None})
print(hashlib.sha256(stream.getvalue()).hexdigest())

# %%
import os
import subprocess
import sys

code = "import matplotlib.pyplot as plt; plt.plot([1]); plt.savefig('/dev/null', format='png')"
print(os.environ["MPLBACKEND"], subprocess.run([sys.executable, "-c", code]).returncode)

# %%
get_ipython().run_line_magic("matplotlib", "agg")
print(plt.get_backend())
plt.figure()
get_ipython().run_line_magic("matplotlib", "inline")
print(plt.get_backend())

# %%
from concurrent.futures import ThreadPoolExecutor

from matplotlib.figure import Figure


def drawn(number):
    figure = Figure()
    figure.subplots().plot(range(number))
    stream = io.BytesIO()
    figure.savefig(stream, format="png", metadata={"Software": None})
    return hashlib.sha256(stream.getvalue()).hexdigest()[:8]


with ThreadPoolExecutor(2) as pool:
    print(list(pool.map(drawn, [2, 3])))

# %% raises ValueError
plt.plot([1, 2], [1, 2, 3])
