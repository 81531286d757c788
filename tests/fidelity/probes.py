"""What the two kernels are asked. Each probe is a cell; its outputs must be the same.

A cell prints text, or JSON with the keys in order. Paths are made comparable afterwards.
"""

from __future__ import annotations

PROBES = {
    "startup_files_ran": """
        # IPython's start-up files, exec_lines and extensions import the notebook's packages.
        print([globals().get(n) for n in ('startup_numpy', 'exec_line_sum', 'extension_loaded')])
    """,
    "prefixes": """
        import sys
        print(sys.prefix, sys.exec_prefix, sys.base_prefix, sys.base_exec_prefix)
        print(sys.executable, sys._base_executable)
    """,
    "flags": """
        import sys
        print(sys.flags, sys.dont_write_bytecode, sys.getrecursionlimit(), sys.platlibdir)
        print(sys.flags.safe_path, sys.warnoptions, sys._xoptions, len(sys.argv), sys.argv[:2])
    """,
    "path": "import sys; show_path(sys.path)",
    "path_machinery": """
        import sys
        print([getattr(finder, '__name__', type(finder).__name__) for finder in sys.meta_path])
        print([getattr(hook, '__qualname__', str(hook)) for hook in sys.path_hooks])
    """,
    "site": """
        import site
        print(site.PREFIXES, site.getsitepackages(), site.ENABLE_USER_SITE)
        print(site.getuserbase(), site.getusersitepackages())
    """,
    "sysconfig": """
        import sysconfig
        show({name: path for name, path in sysconfig.get_paths().items()})
        names = ['prefix', 'exec_prefix', 'base', 'platbase', 'installed_base', 'projectbase',
                 'srcdir', 'BINDIR', 'py_version', 'EXT_SUFFIX', 'userbase']
        show({name: sysconfig.get_config_var(name) for name in names})
        print(sysconfig.get_default_scheme(), sysconfig.is_python_build())
    """,
    "metadata": """
        from importlib import metadata
        show(sorted({(d.metadata['Name'], d.version) for d in metadata.distributions()}))
        show(sorted({str(e) for e in metadata.entry_points()}))
        print(metadata.version('numpy'), metadata.version('ipykernel'))
        print(len(metadata.files('numpy')), metadata.files('numpy')[0].locate())
        show(sorted({k: sorted(set(v)) for k, v in metadata.packages_distributions().items()
              if k != 'headstart_kernel'}))
    """,
    "environ": """
        import os
        ignored = {
            'JPY_PARENT_PID', 'HEADSTART_HEADER', 'HEADSTART_KERNEL_LAYER', 'PATH',
            'PYTEST_CURRENT_TEST',
        }
        ignored |= {'HEADSTART_ZYGOTE', 'HEADSTART_PARKED', 'HEADSTART_TRUST'}
        show({k: v for k, v in os.environ.items() if k not in ignored})
        print(os.environ['PATH'].split(os.pathsep)[0], os.environ['VIRTUAL_ENV'])
    """,
    "working_folder": """
        import os
        print(os.getcwd() == os.environ['HS_NOTEBOOK_FOLDER'], os.umask(0o22))
    """,
    "signals": """
        import signal
        show({str(s): str(signal.getsignal(s)).split(' at ')[0] for s in signal.valid_signals()})
        print(signal.pthread_sigmask(signal.SIG_BLOCK, []))
    """,
    "process": """
        import os, resource, threading
        print(os.getpgid(0) == os.getpid(), os.getsid(0) == os.getpid(), os.nice(0))
        threads = {thread.name.split('-')[0] for thread in threading.enumerate()}
        print(sorted(threads - {'headstart'}))  # the link of one that was started early
        print(resource.getrlimit(resource.RLIMIT_NOFILE))
    """,
    "open_descriptors": """
        # No child inherits a lease, even if it is started without closing descriptors.
        import subprocess, sys
        child = ("import os; print(sorted(os.readlink(f'/proc/self/fd/{n}').split(':')[0]"
                 " for n in os.listdir('/proc/self/fd') if int(n) > 2"
                 " and os.path.exists(f'/proc/self/fd/{n}')))")
        print(subprocess.check_output([sys.executable, '-S', '-c', child], close_fds=False,
                                      text=True))
    """,
    "main_module": """
        import sys
        main = sys.modules['__main__']
        print(main.__name__, main.__spec__, getattr(main, '__file__', None), main is not None)
        print(__name__, main.__dict__ is globals(), type(get_ipython().kernel).__qualname__)
    """,
    "builtins_and_hooks": """
        import sys, builtins
        print(sys.excepthook, sys.displayhook.__class__, sys.stdout.__class__, sys.stdin)
        print(sorted(name for name in dir(builtins)))
    """,
    "warnings_and_logging": """
        import logging, warnings
        print([(f[0], f[1], f[2].__name__, f[4]) for f in warnings.filters])
        print([type(h).__name__ for h in logging.getLogger().handlers], logging.getLogger().level)
        warnings.warn('a warning')
        logging.getLogger('x').warning('logged')
    """,
    "locale_and_time": """
        import locale, time, sys
        print(locale.getlocale(), locale.getpreferredencoding(), time.tzname)
        print(sys.getfilesystemencoding(), sys.stdout.encoding)
    """,
    "faulthandler": """
        import faulthandler
        print(faulthandler.is_enabled())
        faulthandler.enable()
        print(faulthandler.is_enabled())
    """,
    "imports_come_from_the_environment": """
        import numpy, pandas, matplotlib, ipywidgets
        for module in (numpy, pandas, matplotlib, ipywidgets):
            print(module.__name__, module.__version__, module.__file__, module.__spec__.origin)
    """,
    "loaded_modules": """
        # What a kernel has loaded, and from where, but for the launcher itself.
        import sys
        ours = {'headstart_kernel', 'runpy', 'pkgutil', 'site', '__main__', '__mp_main__'}
        modules = {
            name: getattr(module, '__file__', None)
            for name, module in sorted(sys.modules.items())
            if name.split('.')[0] not in ours
        }
        show({name: file for name, file in modules.items() if file and 'site-packages' in file
              and not name.startswith(('debugpy', '_pydev', 'pydev', '_virtualenv'))})
    """,
    "no_constant_keeps_the_layer": """
        # Every string and list in every loaded module that the layer's path could hide in.
        import os, sys
        layer = os.environ.get('HEADSTART_KERNEL_LAYER', os.pathsep).split(os.pathsep)[1]
        layer = layer.split('/lib/python')[0]
        skipped = {'__file__', '__path__', '__cached__', '__spec__', '__loader__', '__doc__'}
        def holds(value):
            if isinstance(value, str):
                return bool(layer) and value.startswith(layer)
            if isinstance(value, (list, tuple, set)):
                return len(value) < 200 and any(holds(item) for item in value)
            if isinstance(value, dict):
                return len(value) < 200 and any(holds(item) for item in list(value.values()))
            return False
        # Paths of files in a package, and of the folder it lies in, are where the layer's code is.
        code = ('debugpy', '_pydev', 'pydev', 'headstart_kernel', 'jedi', 'parso', '__main__')
        found = []
        for module_name, module in sorted(sys.modules.items()):
            for name, value in list(getattr(module, '__dict__', {}).items()):
                if name not in skipped and not module_name.startswith(code) and holds(value):
                    found.append(f'{module_name}.{name}')
        ours = {'sys.path', 'sys.path_importer_cache', 'sys.orig_argv', 'sys.argv', 'os.environ',
                'sys.modules'}
        # The layer's own files, where a module notes the path of another's.
        files = {'ipykernel.kernelspec.RESOURCES', 'ipywidgets.widgets.widget.TRAITLETS_FILE'}
        print(sorted(set(found) - ours - files))
    """,
    "subprocess": """
        import subprocess, sys
        code = ('import sys, psutil, numpy, zmq, os; print(sys.prefix, sys.executable, '
                'psutil.__version__, numpy.__file__, zmq.__version__)')
        print(subprocess.check_output([sys.executable, '-c', code], text=True))
        print(subprocess.check_output([sys.executable, '-I', '-c', code], text=True))
    """,
    "subprocess_path": """
        import json, subprocess, sys
        code = 'import json, sys; print(json.dumps(sys.path))'
        show_path(json.loads(subprocess.check_output([sys.executable, '-c', code])))
    """,
    "shell_python": """
        !python -c "import sys, numpy; print(sys.prefix, numpy.__version__)"
        !which python python3
    """,
    "plot_in_a_subprocess": """
        # ipykernel exports MPLBACKEND for matplotlib_inline, which only the layer may have.
        !python -c "import matplotlib.pyplot as plt; plt.plot([1]); print(plt.get_backend())"
    """,
    "layer_only_package": """
        # What only ipykernel needs imports alike in the kernel, in a child and in a pool.
        import subprocess, sys, zmq, tornado, debugpy, jupyter_client
        for name in ('zmq', 'tornado', 'debugpy', 'jupyter_client', 'nest_asyncio2', 'missing_x'):
            child = subprocess.run([sys.executable, '-c', f'import {name}'], capture_output=True)
            print(name, child.returncode)
    """,
    "multiprocessing": """
        import multiprocessing, pools
        for method in ('spawn', 'fork', 'forkserver'):
            context = multiprocessing.get_context(method)
            with context.Pool(2) as pool:
                print(method, pool.map(pools.where, range(2)))
        print(multiprocessing.spawn.get_executable(), multiprocessing.get_start_method())
    """,
    "concurrent_futures": """
        from concurrent.futures import ProcessPoolExecutor
        import multiprocessing, pools
        with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context('spawn')) as executor:
            print(list(executor.map(pools.where, range(2))))
    """,
    "modules_beside_the_notebook": "import beside; print(beside.__file__, beside.VALUE)",
    "namespace_packages": """
        import spread.one, spread.two
        print(spread.one.NAME, spread.two.NAME, sorted(map(str, spread.__path__)))
    """,
    "pth_files": """
        import sys, hooked, on_the_path
        print(hooked.LOADED_BY, on_the_path.__file__)
        print(sys.modules['pth_marker'].__file__)
    """,
    "sitecustomize": "import sys; print(sys.modules['sitecustomize'].MARK)",
    "inline_plot": """
        import matplotlib.pyplot as plt
        plt.plot([1, 3, 2]); plt.title('a plot'); plt.show()
        print(plt.get_backend())
    """,
    "plot_without_show": "plt.bar([1, 2], [3, 4]);",
    "data_frame": "import pandas; pandas.DataFrame({'a': [1, 2], 'b': ['x', None]})",
    "widgets": """
        import ipywidgets
        slider = ipywidgets.IntSlider(3, description='x')
        print(slider.value, slider.comm.target_name)
        display(ipywidgets.HTML('<b>bold</b>'))
    """,
    "traceback": "def f(x):\n    return 1 / x\nf(0)",
    "import_error": "import a_module_that_nobody_has",
    "await": "import asyncio; await asyncio.sleep(0); print(type(asyncio.get_running_loop()))",
    "pickle": """
        import pickle, numpy
        class Point:
            def __init__(self, x): self.x = x
        print(pickle.loads(pickle.dumps(Point(3))).x, pickle.dumps(Point)[:40])
        print(pickle.loads(pickle.dumps(numpy.arange(3))))
    """,
    "inspect_source": "def f(x): return x\nimport inspect; print(inspect.getsource(f))",
    "bash_and_os_system": """
        import os
        os.system('echo from os.system; echo to stderr >&2')
        # What goes by the descriptors is read beside the cell; it is to be in time for it.
        __import__('time').sleep(0.5)
        !echo from the shell
    """,
    "bash_magic": "%%bash\necho $VIRTUAL_ENV; python -c 'import sys; print(sys.prefix)'",
    "magics": "print(sorted(get_ipython().magics_manager.magics['line'])[:200])",
    "input_transforms": "files = !ls\nprint(files.grep('beside'))",
    "jupyter_paths": """
        from jupyter_core import paths
        print(paths.jupyter_path(), paths.jupyter_config_path(), paths.jupyter_runtime_dir())
        from IPython import paths as ipython_paths
        from IPython.core.application import ENV_CONFIG_DIRS
        print(ipython_paths.get_ipython_dir(), ENV_CONFIG_DIRS)
    """,
    "resources": """
        from importlib import resources
        print(len(list(resources.files('matplotlib').joinpath('mpl-data').iterdir())) > 3)
    """,
    "random_numbers": "import random; random.seed(3); print(random.random())",
    "temporary_files": "import tempfile; print(tempfile.gettempdir())",
    "exit_hooks": "import atexit; print(atexit._ncallbacks() > 0)",
    "garbage": "import gc; print(gc.isenabled(), gc.get_threshold())",
}

SETUP = """
import json
def show(value):
    print(json.dumps(value, indent=1, sort_keys=True, default=str))
def show_path(path):
    # What is allowed: the layer's site-packages at the end, and our stand-in for pip before it.
    import os
    layer = os.environ.get('HEADSTART_KERNEL_LAYER', ':no layer').split(os.pathsep)[1]
    allowed = [entry for entry in path[-2:] if entry == layer or 'share/headstart' in entry]
    show(path[:len(path) - len(allowed)])
"""
