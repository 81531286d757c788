"""Arrow: its own threads and memory pool, Parquet, compute, streams, a child process."""

# %%
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.parquet as pq

table = pa.table({"n": list(range(6)), "word": ["x", "y", None, "x", "z", "y"]})
print(pa.__version__, pa.cpu_count() > 0, pa.default_memory_pool().backend_name)
table

# %%
print(pc.sum(table["n"]), pc.value_counts(table["word"]).to_pylist())
table.group_by("word").aggregate([("n", "sum")]).sort_by("n_sum").to_pydict()

# %%
import tempfile
from pathlib import Path

with tempfile.TemporaryDirectory() as folder:
    ds.write_dataset(table, folder, format="parquet", partitioning=["word"])
    read = ds.dataset(folder, partitioning=["word"]).to_table(columns=["n"])
    print(sorted(read["n"].to_pylist()))
    pq.write_table(table, Path(folder) / "b.parquet", compression="zstd")
    print(pq.read_metadata(Path(folder) / "b.parquet").num_rows)

# %%
sink = pa.BufferOutputStream()
with pa.ipc.new_stream(sink, table.schema) as writer:
    writer.write_table(table)
pa.ipc.open_stream(sink.getvalue()).read_all().equals(table)

# %%
print(table.to_pandas())
print(pa.array([1, 2]).to_numpy(), pa.scalar(3).as_py())

# %%
import subprocess
import sys

code = "import pyarrow as pa; print(pa.array([1, None]).null_count)"
print(subprocess.check_output([sys.executable, "-c", code], text=True))

# %% raises ArrowInvalid
pa.array(["x"]).cast(pa.int64())
