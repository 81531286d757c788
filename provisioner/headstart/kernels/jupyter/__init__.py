"""Whatever relies on more of Jupyter's packages than they promise, one module for each thing.

Each module's docstring says what it relies on, why, what happens without it, and which test notices
a change; `docs/patched.md` has all of them in one table.
"""
