"""Lazy arrays and frames, by threads, by processes and one after the other."""

# %%
import dask
import dask.array as da

numbers = da.random.default_rng(3).random((400, 400), chunks=(100, 100))
print(dask.__version__, numbers.npartitions)
numbers.mean().compute(scheduler="threads")

# %%
import dask.dataframe as dd
import pandas as pd

frame = dd.from_pandas(pd.DataFrame({"k": [1, 2, 1, 2], "v": range(4)}), npartitions=2)
frame.groupby("k").v.sum().compute(scheduler="synchronous")


# %%
@dask.delayed
def squared(number):
    return number**2


total = dask.delayed(sum)([squared(n) for n in range(5)])
print(total.compute(scheduler="processes", num_workers=2), total.compute(scheduler="threads"))

# %%
numbers

# %%
from dask.base import tokenize

print(tokenize(1, "a", [2.5]), dask.config.get("temporary-directory"))

# %% raises ZeroDivisionError
dask.delayed(lambda: 1 / 0)().compute(scheduler="threads")
