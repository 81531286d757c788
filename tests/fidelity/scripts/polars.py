"""Frames in Rust: its thread pool, lazy queries, files, and a fork after it was used."""

# %%
import polars as pl

frame = pl.DataFrame({"group": ["a", "b", "a", "c"], "value": [1, 2, 3, 4]})
frame

# %%
frame.lazy().group_by("group").agg(pl.col("value").sum()).sort("group").collect()

# %%
big = pl.select(n=pl.int_range(200_000)).with_columns(m=pl.col("n") % 97)
print(big.group_by("m").agg(pl.len(), pl.col("n").mean()).sort("m").head(3))
print(pl.thread_pool_size() > 0, big.sample(3, seed=1).to_dict(as_series=False))

# %%
import tempfile
from pathlib import Path

with tempfile.TemporaryDirectory() as folder:
    path = Path(folder) / "a.parquet"
    frame.write_parquet(path)
    print(pl.scan_parquet(path).filter(pl.col("value") > 2).collect())

# %%
print(frame.with_columns(when=pl.datetime(2026, 1, pl.col("value"), time_zone="Asia/Tokyo")))
frame.sql("select count(*) as n from self")

# %%
import multiprocessing
import pickle

with multiprocessing.get_context("spawn").Pool(1) as pool:
    print(pickle.loads(pool.apply(pickle.dumps, [frame])).equals(frame))

# %%
print(frame.to_arrow().schema, frame.to_pandas().dtypes.to_dict())

# %% raises ColumnNotFoundError
frame.select("missing")
