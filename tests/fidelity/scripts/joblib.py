"""Workers by loky, by multiprocessing and by threads; results on disk."""

# %%
import joblib
from joblib import Parallel, delayed


def squared(number):
    return number**2


print(joblib.__version__, Parallel(n_jobs=2)(delayed(squared)(n) for n in range(6)))

# %%
for backend in ("threading", "multiprocessing", "sequential"):
    print(backend, Parallel(n_jobs=2, backend=backend)(delayed(abs)(-n) for n in range(4)))

# %%
import tempfile

with tempfile.TemporaryDirectory() as folder:
    memory = joblib.Memory(folder, verbose=0)
    kept = memory.cache(squared)
    print(kept(3), kept(3), kept.check_call_in_cache(3))

# %%
import numpy as np

big = np.arange(300_000)
print(Parallel(n_jobs=2)(delayed(np.sum)(big) for _ in range(2)), joblib.hash(big[:9]))

# %%
import os

print(len(set(Parallel(n_jobs=2)(delayed(os.getpid)() for _ in range(4)))) <= 2)

# %% raises ZeroDivisionError
Parallel(n_jobs=2)(delayed(divmod)(1, n) for n in (1, 0))
