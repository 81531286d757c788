"""Threads, processes, pipes, descriptors and sockets of the standard library."""

# %%
import os
import queue
import subprocess
import sys
import threading

results = queue.Queue()
local = threading.local()


def work(number):
    local.number = number
    print("thread", number)
    results.put(local.number)


for number in range(3):
    thread = threading.Thread(target=work, args=[number])
    thread.start()
    thread.join()
print([results.get() for _ in range(3)], threading.current_thread() is threading.main_thread())

# %%
print("to stdout")
print("to stderr", file=sys.stderr)
os.write(1, b"to the descriptor\n")
subprocess.run(["sh", "-c", "echo from a child; echo its errors >&2"])
os.system("echo from the shell")
# What goes by the descriptors is read beside the cell; it is to be in time for it.
threading.Event().wait(0.5)

# %%
print(subprocess.run([sys.executable], input="print(__name__)", capture_output=True, text=True))
print(subprocess.run([sys.executable, "-c", "raise SystemExit(5)"]).returncode)
print(subprocess.run("exec 3>&1; cat <&0", shell=True, input=b"piped", capture_output=True))

# %%
read, write = os.pipe()
pid = os.fork()
if pid == 0:
    os.write(write, f"child of the kernel: {os.getppid() != 1}".encode())
    os._exit(0)
os.waitpid(pid, 0)
print(os.read(read, 100).decode(), os.isatty(0), os.readlink("/proc/self/fd/0")[:5])

# %%
import multiprocessing

context = multiprocessing.get_context("fork")
pipe, other = context.Pipe()
process = context.Process(target=lambda: other.send([os.getppid() == os.getpid(), "sent"]))
process.start()
print(pipe.recv()[1], process.join(), process.exitcode, multiprocessing.active_children())

# %%
with context.Manager() as manager:
    shared = manager.dict(a=1)
    child = context.Process(target=lambda: shared.update(b=2))
    child.start()
    child.join()
    print(dict(shared))

# %%
from multiprocessing import shared_memory

block = shared_memory.SharedMemory(create=True, size=16)
block.buf[:3] = b"abc"
other = shared_memory.SharedMemory(block.name)
print(bytes(other.buf[:3]))
other.close()
block.close()
block.unlink()

# %%
import asyncio

process = await asyncio.create_subprocess_exec("echo", "async", stdout=asyncio.subprocess.PIPE)
print(await process.communicate(), process.returncode)
print(await asyncio.gather(*(asyncio.to_thread(abs, -n) for n in range(3))))

# %%
import socket
import socketserver

first, second = socket.socketpair()
first.sendall(b"over a socket pair")
print(second.recv(100))


class Echo(socketserver.BaseRequestHandler):
    def handle(self):
        self.request.sendall(self.request.recv(100).upper())


with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Echo) as server:
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with socket.create_connection(server.server_address) as connection:
        connection.sendall(b"echo")
        print(connection.recv(100))
    server.shutdown()

# %%
try:
    print(input("a name? "))
except Exception as error:
    print(type(error).__name__, error)

# %%
import threading

hook = []
threading.excepthook = lambda arguments: hook.append(arguments.exc_type.__name__)
thread = threading.Thread(target=lambda: 1 / 0)
thread.start()
thread.join()
print(hook, sys.excepthook.__class__.__name__, sys.getswitchinterval())
