"""Map modules to the distributions that provide them.

No data set of this is well maintained (see ``docs/decisions.md``), and few modules in notebooks
have other names than their distributions. Of two that provide the same module, this table has the
one with wheels that need no display.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from functools import cache

from packaging.utils import canonicalize_name

__all__ = ["distribution_meant_by", "distribution_of", "hint_on_module"]

_DISTRIBUTIONS: Mapping[str, str] = {
    "absl": "absl-py",
    "airflow": "apache-airflow",
    "attr": "attrs",
    "azure.identity": "azure-identity",
    "azure.storage.blob": "azure-storage-blob",
    "barcode": "python-barcode",
    "bidi": "python-bidi",
    "binance": "python-binance",
    "Bio": "biopython",
    "bs4": "beautifulsoup4",
    "bson": "pymongo",
    "cairo": "pycairo",
    "community": "python-louvain",
    "constraint": "python-constraint",
    "consul": "python-consul",
    "crontab": "python-crontab",
    "Crypto": "pycryptodome",
    "Cryptodome": "pycryptodomex",
    "cv2": "opencv-python-headless",
    "dateutil": "python-dateutil",
    "decouple": "python-decouple",
    "delta": "delta-spark",
    "discord": "discord-py",
    "dns": "dnspython",
    "docx": "python-docx",
    "dotenv": "python-dotenv",
    "editor": "python-editor",
    "engineio": "python-engineio",
    "faiss": "faiss-cpu",
    "ffmpeg": "ffmpeg-python",
    "fitz": "pymupdf",
    "gi": "pygobject",
    "git": "gitpython",
    "github": "pygithub",
    "gitlab": "python-gitlab",
    "google.auth": "google-auth",
    "google.cloud.bigquery": "google-cloud-bigquery",
    "google.cloud.storage": "google-cloud-storage",
    "google.cloud.vision": "google-cloud-vision",
    "google.genai": "google-genai",
    "google.generativeai": "google-generativeai",
    "google.oauth2": "google-auth",
    "google.protobuf": "protobuf",
    "googleapiclient": "google-api-python-client",
    "googlesearch": "googlesearch-python",
    "grpc": "grpcio",
    "haystack": "haystack-ai",
    "hydra": "hydra-core",
    "imblearn": "imbalanced-learn",
    "jenkins": "python-jenkins",
    "jose": "python-jose",
    "jwt": "pyjwt",
    "kafka": "kafka-python",
    "keycloak": "python-keycloak",
    "ldap": "python-ldap",
    "magic": "python-magic",
    "markdown_it": "markdown-it-py",
    "mpl_toolkits": "matplotlib",
    "mpl_toolkits.basemap": "basemap",
    "multipart": "python-multipart",
    "mysql.connector": "mysql-connector-python",
    "MySQLdb": "mysqlclient",
    "nacl": "pynacl",
    "newspaper": "newspaper3k",
    "nmap": "python-nmap",
    "nvidia_smi": "nvidia-ml-py",
    "odf": "odfpy",
    "OpenGL": "pyopengl",
    "openid": "python3-openid",
    "OpenSSL": "pyopenssl",
    "osgeo": "gdal",
    "past": "future",
    "pdfminer": "pdfminer-six",
    "PIL": "pillow",
    "pkg_resources": "setuptools",
    "playhouse": "peewee",
    "pptx": "python-pptx",
    "psycopg2": "psycopg2-binary",
    "pylab": "matplotlib",
    "pynvml": "nvidia-ml-py",
    "pysqlite2": "pysqlite3",
    "pythonjsonlogger": "python-json-logger",
    "pywintypes": "pywin32",
    "pywt": "pywavelets",
    "pyximport": "cython",
    "rest_framework": "djangorestframework",
    "ruamel.yaml": "ruamel-yaml",
    "saml2": "pysaml2",
    "serial": "pyserial",
    "shapefile": "pyshp",
    "skbio": "scikit-bio",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
    "skopt": "scikit-optimize",
    "sksurv": "scikit-survival",
    "slugify": "python-slugify",
    "snowflake.connector": "snowflake-connector-python",
    "socketio": "python-socketio",
    "socks": "pysocks",
    "speech_recognition": "speechrecognition",
    "stdnum": "python-stdnum",
    "talib": "ta-lib",
    "telegram": "python-telegram-bot",
    "tlz": "toolz",
    "umap": "umap-learn",
    "usb": "pyusb",
    "vlc": "python-vlc",
    "websocket": "websocket-client",
    "webview": "pywebview",
    "win32api": "pywin32",
    "win32com": "pywin32",
    "wx": "wxpython",
    "Xlib": "python-xlib",
    "yaml": "pyyaml",
    "z3": "z3-solver",
    "zmq": "pyzmq",
}
"""Normalised names of distributions by dotted names of modules."""


_ALIKE = """
aiohttp altair anthropic anyio arviz astropy bokeh boto3 bottleneck branca cartopy catboost
celery click contextily cupy cvxpy cycler dash dask datasets datashader deap django duckdb
evaluate fastai fastapi fastparquet fiona flask folium fsspec gensim geopandas geopy gradio
gurobipy gymnasium h5py holoviews httpx huggingface_hub hvplot hyperopt imageio intake
ipyleaflet ipympl ipywidgets itables jax jinja2 joblib jupyterlab kaleido keras langchain
leafmap librosa lifelines lightgbm lightning llvmlite lmfit lxml matplotlib mlflow mne mpmath
mypy narwhals nbconvert nbformat networkx nibabel nilearn nltk numba numexpr numpy openai
openpyxl optuna ortools osmnx pandas pandera panel param patsy peewee peft pingouin pint plotly
plotnine polars pooch prophet psutil psycopg pulp pyarrow pydantic pydeck pygments pymc pymongo
pyomo pyproj pyspark pystac pytensor pytest pytz qiskit rasterio redis regex requests rich
rioxarray s3fs safetensors scanpy scipy scrapy seaborn selenium shap shapely simpy sktime
smolagents spacy sqlalchemy sqlmodel statsmodels streamlit sympy tabulate tenacity tensorboard
tensorflow tiktoken timm toolz torch torchaudio torchvision tornado tqdm transformers typer
uvicorn vega_datasets wandb wordcloud xarray xgboost xlrd xlsxwriter zarr
"""
_OWN_NAMES = frozenset(_ALIKE.split())
"""Modules whose distributions have the same names."""


def distribution_of(module: str, table: Mapping[str, str] = _DISTRIBUTIONS) -> str | None:
    """The normalised name of the distribution that provides a module; None if unknown.

    :param module: a dotted name, perhaps longer than that of the module.
    :param table: names of distributions by dotted names of modules.
    """
    parts = module.split(".")
    for length in range(len(parts), 0, -1):
        if name := table.get(".".join(parts[:length])):
            return canonicalize_name(name)
    return canonicalize_name(parts[0]) if parts[0] in _OWN_NAMES else None


def distribution_meant_by(name: str) -> str | None:
    """The normalised name of the distribution that is meant by the name of a module.

    None if no module of the table has the name, or its distribution has the same.

    :param name: the name that was used for a distribution, normalised or not.
    """
    meant = _by_normalised_module().get(canonicalize_name(name))
    return None if meant == canonicalize_name(name) else meant


@cache  # made at the first error about a package, not at import
def _by_normalised_module() -> Mapping[str, str]:
    return {
        canonicalize_name(module): canonicalize_name(name)
        for module, name in _DISTRIBUTIONS.items()
    }


def hint_on_module(name: str) -> str:
    """What to write instead of a requirement that names a module; ``""`` if it names none.

    :param name: a normalised name that the index does not have, or has no wheels for.
    """
    if meant := distribution_meant_by(name):
        return f"{name} is the name of a module, which the package {meant} brings: write {meant}."
    if name.replace("-", "_") in sys.stdlib_module_names:
        return f"{name} is a module of Python itself: leave it out."
    return ""
