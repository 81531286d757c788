"""Frames: display, files, time zones, warnings, and the engines that it finds."""

# %%
import pandas as pd

frame = pd.DataFrame({"name": ["a", "b", "a"], "value": [1.5, None, 3.0]})
frame

# %%
frame.groupby("name").agg(["sum", "count"])

# %%
print(frame.describe().to_string())
frame.style.highlight_max().set_uuid("fixed")

# %%
times = pd.date_range("2026-03-29", periods=4, freq="h", tz="Europe/Berlin")
print(times, pd.Timestamp("2026-01-01").tz_localize("Asia/Tokyo").isoformat())
pd.Series(range(4), index=times).resample("2h").mean()

# %%
import io
import tempfile
from pathlib import Path

with tempfile.TemporaryDirectory() as folder:
    path = Path(folder) / "frame.csv"
    frame.to_csv(path, index=False)
    print(path.read_text(), pd.read_csv(path).dtypes)
print(pd.read_json(io.StringIO(frame.to_json())))

# %%
frame.sample(2, random_state=5), frame.eval("value * 2").tolist()

# %%
frame.plot.bar(x="name")

# %%
import warnings

warnings.warn("a warning of the notebook's", stacklevel=1)
pd.to_datetime(["2026-01-02", "third of March"], errors="coerce")

# %% raises KeyError
frame["missing"]
