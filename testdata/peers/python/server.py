"""An echo server with Python's websockets, for the client side of wskit. See ../README.md."""

import asyncio
import json
import os
import signal
import ssl
import sys
import threading

from websockets.exceptions import ConnectionClosed
from websockets.legacy.server import serve

from options import parser, server_extensions


def say(line):
    print(json.dumps(line), flush=True)


async def echo(ws):
    try:
        async for message in ws:
            if isinstance(message, str) and message.startswith("!"):
                await command(ws, message[1:])
            else:
                await ws.send(message)
    except ConnectionClosed:
        pass  # told below, with its code
    finally:
        await ws.wait_closed()
        say({"event": "close", "code": ws.close_code, "reason": ws.close_reason})


async def command(ws, line):
    name, _, rest = line.partition(" ")
    if name == "close":
        code, _, reason = rest.partition(" ")
        await ws.close(int(code or 1000), reason)
    elif name == "ping":
        pong = await ws.ping(rest)  # matched by its data
        await asyncio.wait_for(pong, 10)
        await ws.send(f"pong {rest}")
    elif name == "fragments":
        count, _, text = rest.partition(" ")
        size = -(-len(text) // int(count))
        # An empty fragment ends the message, as this library always does it.
        await ws.send([text[i : i + size] for i in range(0, len(text), size)])
    else:
        await ws.close(1008, f"no command {name}")


def preferred(offered, ours):
    """Choose by the server's order, as the other servers do."""
    return next((name for name in ours if name in offered), None)


def watch_stdin(loop, stop):
    while os.read(sys.stdin.fileno(), 4096):
        pass
    loop.call_soon_threadsafe(stop.set)


async def main():
    p = parser(__doc__)
    p.add_argument("--tls-cert")
    p.add_argument("--tls-key")
    flags = p.parse_args()

    context = None
    if flags.tls_cert:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(flags.tls_cert, flags.tls_key)

    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    threading.Thread(target=watch_stdin, args=(loop, stop), daemon=True).start()

    server = await serve(
        echo,
        "127.0.0.1",
        0,
        ssl=context,
        compression=None,
        extensions=server_extensions(flags),
        subprotocols=flags.subprotocol or None,
        select_subprotocol=preferred,
        max_size=None,
        ping_interval=None,
        close_timeout=1,
    )
    port = server.sockets[0].getsockname()[1]
    say({"ready": True, "url": f"{'wss' if context else 'ws'}://127.0.0.1:{port}/"})
    await stop.wait()
    server.close()
    await server.wait_closed()


asyncio.run(main())
