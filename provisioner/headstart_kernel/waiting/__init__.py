"""A kernel that is started before its environment is there: its cells wait for it.

The process that makes the environment is at the other end of a link, and is told what the user
runs. Only kernels that have a link load any of this.
"""
