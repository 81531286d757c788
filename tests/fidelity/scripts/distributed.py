"""A cluster on this machine: worker processes, sockets, functions of the notebook's."""

# %%
import distributed

print(distributed.__version__)
cluster = distributed.LocalCluster(
    n_workers=1, threads_per_worker=1, processes=True, dashboard_address=None
)
client = distributed.Client(cluster)
print(len(client.scheduler_info()["workers"]))


# %%
def doubled(number):
    return number * 2


print(client.gather(client.map(doubled, range(5))))

# %%
import sys


def where():
    import sys

    import numpy

    return sys.prefix == sys.exec_prefix, sys.executable, numpy.__version__, sys.argv[:1]


print(client.submit(where).result()[:3], sys.executable)

# %%
import dask.array as da

print(da.ones((100, 100), chunks=50).sum().compute())

# %% raises ZeroDivisionError
client.submit(lambda: 1 / 0).result()

# %%
client.close()
cluster.close()

# %%
async with distributed.Client(processes=False, asynchronous=True, dashboard_address=None) as own:
    print(await own.submit(doubled, 21))
