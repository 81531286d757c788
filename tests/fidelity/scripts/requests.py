"""HTTP over a socket of this machine: certificates, redirects, time-outs, threads."""

# %%
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import requests


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(302 if self.path == "/moved" else 200)
        self.send_header("Location", "/")
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        if self.path != "/moved":
            self.wfile.write(b'{"path": "%s"}' % self.path.encode())

    def log_message(self, *_arguments):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
address = f"http://127.0.0.1:{server.server_port}"
print(requests.__version__, requests.get(address + "/a", timeout=10).json())

# %%
session = requests.Session()
session.trust_env = False
answer = session.get(address + "/moved", timeout=10)
print(answer.status_code, len(answer.history), answer.url == address + "/")

# %%
from concurrent.futures import ThreadPoolExecutor

with ThreadPoolExecutor(4) as pool:
    print(sorted(pool.map(lambda n: session.get(f"{address}/{n}").json()["path"], range(8))))

# %%
import ssl

print(requests.certs.where(), ssl.OPENSSL_VERSION, len(ssl.RAND_bytes(8)))
print(requests.utils.default_user_agent())
server.shutdown()
server.server_close()

# %% raises InvalidURL
requests.get("http://", timeout=1)
