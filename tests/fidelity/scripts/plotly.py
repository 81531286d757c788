"""Figures as JSON for the front end: nothing is drawn in the kernel."""

# %%
import plotly
import plotly.graph_objects as go
import plotly.io as pio

print(plotly.__version__, pio.renderers.default)
figure = go.Figure(go.Bar(x=["a", "b"], y=[1, 3]))
figure.update_layout(title="bars")
figure.to_dict()

# %%
pio.renderers.default = "plotly_mimetype"
figure.show()

# %%
figure

# %%
import plotly.express as px

scatter = px.scatter(x=[1, 2, 3], y=[3, 1, 2], color=["u", "v", "u"])
print(len(scatter.to_json()), len(scatter.to_html(include_plotlyjs=False, div_id="fixed")))

# %% raises ValueError
go.Figure(go.Bar(marker_color="no such colour"))
