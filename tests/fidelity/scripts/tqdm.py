"""Progress bars as text and as widgets."""

# %%
import sys

import tqdm
from tqdm.auto import tqdm as auto_tqdm
from tqdm.notebook import tqdm as notebook_tqdm

FORMAT = "{l_bar}{bar}| {n_fmt}/{total_fmt}"
print(tqdm.__version__, auto_tqdm.__module__)
for _ in tqdm.tqdm(range(3), bar_format=FORMAT, mininterval=100, file=sys.stdout):
    pass

# %%
for _ in notebook_tqdm(range(3), bar_format=FORMAT, desc="a bar"):
    pass

# %%
from tqdm.contrib.concurrent import thread_map

thread_map(abs, [-1, -2], bar_format=FORMAT, max_workers=1, tqdm_class=tqdm.tqdm)

# %%
import asyncio

from tqdm.asyncio import tqdm as async_tqdm

bar = async_tqdm(total=2, bar_format=FORMAT, disable=True)
await asyncio.sleep(0)
bar.update()
bar.n

# %% raises TypeError
list(tqdm.tqdm(5, disable=True))
