"""Graphs, and back ends that are found by entry points."""

# %%
import networkx as nx

graph = nx.gnp_random_graph(30, 0.2, seed=4)
print(nx.__version__, graph, nx.density(graph))
print(nx.shortest_path(graph, 0, 20), sorted(nx.pagerank(graph).items())[:2])

# %%
import matplotlib.pyplot as plt

nx.draw(graph, pos=nx.spring_layout(graph, seed=1), node_size=20)
plt.show()

# %%
print(sorted(nx.config.backends))
nx.to_numpy_array(nx.path_graph(3))

# %% raises NodeNotFound
nx.shortest_path(graph, 0, 99)
