"""Arrays: threads of BLAS, random numbers, memory maps, errors and warnings."""

# %%
import numpy as np

print(np.__version__, np.arange(12).reshape(3, 4).sum(axis=0))
np.linspace(0, 1, 5)

# %%
generator = np.random.default_rng(7)
generator.normal(size=(2, 3))

# %%
np.random.seed(3)
np.random.random(3), np.random.permutation(5)

# %%
a = np.random.default_rng(1).random((300, 300))
print(np.allclose(np.linalg.inv(a) @ a, np.eye(300)))
print(np.linalg.svd(a, compute_uv=False)[:3].round(9), np.linalg.det(a[:5, :5]).round(9))

# %%
np.array([1.0, 0.0]) / 0

# %% raises FloatingPointError
with np.errstate(divide="raise"):
    np.array([1.0]) / 0

# %%
import tempfile
from pathlib import Path

with tempfile.TemporaryDirectory() as folder:
    path = Path(folder) / "a.dat"
    mapped = np.memmap(path, dtype="int32", mode="w+", shape=(4,))
    mapped[:] = range(4)
    mapped.flush()
    print(np.fromfile(path, dtype="int32"))

# %%
from concurrent.futures import ThreadPoolExecutor

with ThreadPoolExecutor(4) as pool:
    print(sum(pool.map(lambda n: float(np.ones((n, n)).sum()), range(20))))

# %%
import subprocess
import sys

print(subprocess.check_output([sys.executable, "-c", "import numpy; print(numpy.arange(3))"]))

# %%
import multiprocessing

with multiprocessing.get_context("fork").Pool(2) as pool:
    print(pool.map(np.sum, [np.arange(n) for n in range(4)]))

# %%
np.show_config()

# %% raises ValueError
np.ones(3) + np.ones(4)
