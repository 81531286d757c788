"""Statistics in plots, which are shown inline at the end of a cell."""

# %%
import numpy as np
import pandas as pd
import seaborn as sns

numbers = np.random.default_rng(3)
frame = pd.DataFrame({"x": numbers.normal(size=80), "kind": ["a", "b"] * 40})
print(sns.__version__, sns.color_palette().as_hex()[:3])

# %%
sns.set_theme()
sns.histplot(frame, x="x", hue="kind", kde=True)

# %%
grid = sns.relplot(data=frame.assign(y=frame.x**2), x="x", y="y", col="kind")

# %%
sns.regplot(data=frame.assign(y=frame.x * 2), x="x", y="y", seed=4, n_boot=50)

# %% raises ValueError
sns.scatterplot(data=frame, x="missing", y="x")
