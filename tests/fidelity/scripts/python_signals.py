"""Signals, alarms and their handlers, and what a traceback of the process says."""

# %%
import os
import signal
import time

heard = []
before = signal.signal(signal.SIGUSR1, lambda number, _frame: heard.append(number))
os.kill(os.getpid(), signal.SIGUSR1)
print(before, heard, signal.pthread_sigmask(signal.SIG_BLOCK, []))

# %%
signal.signal(signal.SIGALRM, lambda *_: heard.append("alarm"))
signal.setitimer(signal.ITIMER_REAL, 0.01)
end = time.monotonic() + 10
while "alarm" not in heard and time.monotonic() < end:
    time.sleep(0.01)
print(heard)

# %% raises KeyboardInterrupt
os.kill(os.getpid(), signal.SIGINT)
time.sleep(10)

# %%
import subprocess

child = subprocess.Popen(["sleep", "60"])
child.terminate()
print(child.wait(), subprocess.run("kill -9 $$", shell=True).returncode)
print(subprocess.run(["sh", "-c", "ulimit -n; ulimit -c; umask; trap"], capture_output=True))

# %%
print(os.waitstatus_to_exitcode(os.system("exit 3")), os.getpgid(0) == os.getpid())
statuses = []
for number in (0, 7):
    pid = os.fork()
    if pid == 0:
        os._exit(number)
    statuses.append(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
print(statuses)

# %% raises ChildProcessError
os.waitpid(-1, 0)

# %%
import faulthandler
import tempfile

with tempfile.TemporaryFile("w+") as file:
    faulthandler.dump_traceback(file, all_threads=False)
    file.seek(0)
    print(file.read().splitlines()[:2])
print(faulthandler.is_enabled())
