"""Tables, tracebacks and logging in colours, which it chooses by where it runs."""

# %%
from importlib.metadata import version

from rich import print as rich_print
from rich.console import Console
from rich.table import Table

table = Table("name", "value")
table.add_row("a", "[red]1[/red]")
console = Console()
print(version("rich"), console.is_jupyter, console.width, console.color_system)
rich_print(table)

# %%
console.print("[bold]bold[/bold]", {"a": [1, None, True]})
table

# %%
import logging

from rich.logging import RichHandler

logger = logging.getLogger("shown")
logger.addHandler(RichHandler(show_time=False, show_path=False))
logger.warning("a warning")

# %%
from rich.progress import track

for _ in track(range(2), description="works", disable=True):
    pass
print(console.export_text() if console.record else "not recorded")

# %% raises MarkupError
rich_print("[/nothing]")
