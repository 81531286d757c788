"""HTTP with await, in the kernel's own event loop, and in threads."""

# %%
import asyncio

import httpx


async def answer(reader, writer):
    line = await reader.readline()
    while (await reader.readline()).strip():
        pass
    body = line.split()[1]
    head = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(body)
    writer.write(head + body)
    await writer.drain()
    writer.close()


server = await asyncio.start_server(answer, "127.0.0.1", 0)
address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
print(httpx.__version__, type(asyncio.get_running_loop()).__name__)

# %%
async with httpx.AsyncClient(trust_env=False) as client:
    answers = await asyncio.gather(*(client.get(f"{address}/{n}") for n in range(6)))
[one.text for one in answers]

# %%
answers = await asyncio.to_thread(httpx.get, address + "/thread", trust_env=False)
answers.text, answers.status_code

# %%
async with httpx.AsyncClient(transport=httpx.MockTransport(lambda _r: httpx.Response(204))) as c:
    print(await c.get("http://nowhere"))
server.close()

# %% raises UnsupportedProtocol
httpx.get("nowhere")
