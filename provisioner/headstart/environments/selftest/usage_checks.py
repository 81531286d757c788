"""Short programs that show that a package not only imports but works, by its normalised name.

Each takes well under a second once its package is imported, needs no network and no other package
than it requires, and raises if something is wrong.
"""

from __future__ import annotations

from typing import Final

__all__ = ["USAGE_CHECKS"]

USAGE_CHECKS: Final = {
    "attrs": """
import attr
Point = attr.make_class("Point", ["x", "y"])
assert Point(1, 2) == Point(1, 2)
""",
    "beautifulsoup4": """
from bs4 import BeautifulSoup
assert BeautifulSoup("<p>a<b>c</b></p>", "html.parser").b.text == "c"
""",
    "click": """
import click
assert click.unstyle(click.style("a", fg="red")) == "a"
""",
    "colorama": """
from colorama import Fore, Style
from colorama.ansitowin32 import AnsiToWin32
import io
output = io.StringIO()
AnsiToWin32(output, convert=False, strip=True).write(Fore.RED + "a" + Style.RESET_ALL)
assert output.getvalue() == "a"
""",
    "jinja2": """
from jinja2 import Template
assert Template("{{ 6 * 7 }}").render() == "42"
""",
    "lxml": """
from lxml import etree
assert etree.fromstring("<a><b/></a>")[0].tag == "b"
""",
    "matplotlib": """
import io, matplotlib
matplotlib.use("Agg")
from matplotlib import pyplot
figure, axes = pyplot.subplots()
axes.plot([1, 2, 4])
picture = io.BytesIO()
figure.savefig(picture, format="png")
assert picture.getvalue().startswith(b"\\x89PNG")
""",
    "networkx": """
import networkx
assert networkx.shortest_path(networkx.path_graph(4), 0, 3) == [0, 1, 2, 3]
""",
    "numpy": """
import numpy
square = numpy.arange(4.0).reshape(2, 2) + numpy.eye(2)
assert numpy.allclose(square @ numpy.linalg.inv(square), numpy.eye(2))
""",
    "openpyxl": """
import io, openpyxl
book, file = openpyxl.Workbook(), io.BytesIO()
book.active["A1"] = 42
book.save(file)
assert openpyxl.load_workbook(file).active["A1"].value == 42
""",
    "packaging": """
from packaging.specifiers import SpecifierSet
assert "1.5" in SpecifierSet(">=1,<2") and "2.0" not in SpecifierSet(">=1,<2")
""",
    "pandas": """
import io, pandas
table = pandas.read_csv(io.StringIO("a,b\\n1,2\\n1,3\\n"))
assert table.groupby("a")["b"].sum().tolist() == [5]
""",
    "pillow": """
import io
from PIL import Image
file = io.BytesIO()
Image.new("RGB", (2, 2), (255, 0, 0)).save(file, "PNG")
assert Image.open(file).getpixel((1, 1)) == (255, 0, 0)
""",
    "polars": """
import polars
assert polars.DataFrame({"a": [1, 2]})["a"].sum() == 3
""",
    "pyarrow": """
import pyarrow
assert pyarrow.array([1, None, 3]).null_count == 1
""",
    "pydantic": """
import pydantic
assert pydantic.create_model("Model", number=(int, ...))(number="7").number == 7
""",
    "pygments": """
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer
assert "<span" in highlight("x = 1", PythonLexer(), HtmlFormatter())
""",
    "python-dateutil": """
from dateutil.parser import parse
assert parse("2020-02-29 12:00").day == 29
""",
    "pytz": """
import datetime, pytz
moment = pytz.utc.localize(datetime.datetime(2024, 1, 1))
assert moment.astimezone(pytz.timezone("Europe/Berlin")).hour == 1
""",
    "pyyaml": """
import yaml
assert yaml.safe_load("a: [1, 2]") == {"a": [1, 2]}
""",
    "requests": """
import requests
request = requests.Request("GET", "https://example.org/a", params={"b": "c d"}).prepare()
assert request.url == "https://example.org/a?b=c+d"
requests.Session().get_adapter(request.url)
""",
    "rich": """
from rich.text import Text
assert Text.from_markup("[bold]a[/bold]").plain == "a"
""",
    "scikit-learn": """
from sklearn.linear_model import LinearRegression
model = LinearRegression().fit([[0.0], [1.0], [2.0]], [1.0, 3.0, 5.0])
assert abs(model.predict([[3.0]])[0] - 7.0) < 1e-6
""",
    "scipy": """
from scipy import optimize
assert abs(optimize.brentq(lambda x: x * x - 2, 0, 2) ** 2 - 2) < 1e-6
""",
    "seaborn": """
import seaborn
assert len(seaborn.color_palette("deep", 3)) == 3
""",
    "sqlalchemy": """
import sqlalchemy
with sqlalchemy.create_engine("sqlite://").connect() as connection:
    assert connection.execute(sqlalchemy.text("select 6 * 7")).scalar() == 42
""",
    "statsmodels": """
from statsmodels.stats.proportion import proportion_confint
assert proportion_confint(5, 10)[0] < 0.5
""",
    "sympy": """
import sympy
x = sympy.Symbol("x")
assert sympy.integrate(2 * x, x) == x**2
""",
    "tabulate": """
from tabulate import tabulate
assert tabulate([[1, "b"]], headers=["x", "y"], tablefmt="pipe").splitlines()[0] == "|   x | y   |"
""",
    "tqdm": """
import io, tqdm
assert sum(tqdm.tqdm([1, 2], file=io.StringIO())) == 3
""",
}
"""The programs. Packages that have none are imported, which is most of what can be wrong."""
