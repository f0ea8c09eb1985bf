"""A minimal echo server with Python's websockets, as its documentation has it. See ../README.md."""

import argparse
import asyncio
import json
import signal

import websockets

flags = argparse.ArgumentParser(description=__doc__)
flags.add_argument("--compress", action="store_true")


async def echo(ws):
    async for message in ws:
        await ws.send(message)


async def main(compression):
    # Its limit is 1 MiB of itself.
    async with websockets.serve(echo, "127.0.0.1", 0, compression=compression, max_size=16 << 20) as server:
        url = "ws://127.0.0.1:%d/" % server.sockets[0].getsockname()[1]
        print(json.dumps({"ready": True, "url": url}), flush=True)
        stop = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
        await stop.wait()


asyncio.run(main("deflate" if flags.parse_args().compress else None))
