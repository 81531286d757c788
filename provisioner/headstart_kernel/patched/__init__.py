"""Whatever relies on more of ipykernel, IPython and Python than they promise, a module for each.

Each module's docstring says what it relies on, why, what happens without it, and which test notices
a change; `docs/patched.md` has all of them in one table.
"""
