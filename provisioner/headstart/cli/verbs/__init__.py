"""The verbs, a module for each, with the verb's name.

``SUMMARY``, one line in double quotes, is its line in the help of all; ``DESCRIPTION`` begins its
own. ``add_arguments`` declares its arguments, all but ``--json``, and ``main`` takes them by name,
with ``as_json``, and returns the exit code.
"""
