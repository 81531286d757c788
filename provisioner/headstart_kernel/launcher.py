"""Start a kernel. Run by file path: ``python <this file> <launch as JSON> -f <connection file>``.

Or a zygote, which forks kernels: ``python <this file> --zygote <order as JSON>``.

Run by path and not with ``-m``, for ``-m`` puts the working directory on ``sys.path`` while the
kernel is imported, and a ``json.py`` next to the notebook would be loaded in place of the standard
library's. Python puts this file's own folder there instead; it is removed before anything else.
"""

import sys

if __name__ == "__main__":
    if not getattr(sys.flags, "safe_path", False):  # PYTHONSAFEPATH: it was not added
        del sys.path[0]

    if sys.argv[1] == "--zygote":
        from headstart_kernel.zygote.zygote import main
    else:
        from headstart_kernel.app import main

    main()
