"""Documents for the front end, and a server on a port of this machine."""

# %%
import bokeh
from bokeh.embed import file_html, json_item
from bokeh.plotting import figure
from bokeh.resources import CDN, INLINE

plot = figure(title="a plot", width=300, height=200)
plot.line([1, 2, 3], [3, 1, 2])
print(bokeh.__version__, sorted(json_item(plot, "target")))

# %%
html = file_html(plot, CDN, "title")
print("bokehjs" in html or "bokeh-" in html, len(INLINE.js_raw))

# %%
from bokeh.application import Application
from bokeh.application.handlers.function import FunctionHandler
from bokeh.server.server import Server
from tornado.httpclient import AsyncHTTPClient


def fill(document):
    document.add_root(figure())


server = Server({"/app": Application(FunctionHandler(fill))}, port=0, address="127.0.0.1")
server.start()
answer = await AsyncHTTPClient().fetch(f"http://127.0.0.1:{server.port}/app")
print(answer.code, b"bokeh" in answer.body)
server.stop()

# %% raises AttributeError
plot.no_such_glyph([1])
