"""Vega-Lite charts."""

# %%
import altair as alt
import pandas as pd

frame = pd.DataFrame({"x": [1, 2, 3], "y": [3, 1, 2]})
print(alt.__version__, alt.renderers.active, alt.data_transformers.active)
chart = alt.Chart(frame).mark_bar().encode(x="x:O", y="y")
chart.to_dict()["encoding"]

# %%
chart

# %%
print((chart | chart.mark_line()).to_json()[:400])

# %% raises SchemaValidationError
chart.encode(x=alt.X("x", bin="neither")).to_dict()
