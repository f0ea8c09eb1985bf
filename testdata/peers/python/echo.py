"""A minimal echo server with Python's websockets, as its documentation has it. See ../README.md."""

import argparse
import asyncio

import websockets

flags = argparse.ArgumentParser(description=__doc__)
flags.add_argument("--compress", action="store_true")


async def echo(ws):
    async for message in ws:
        await ws.send(message)


async def main(compression):
    # Its own limit of a message is 1 MiB.
    async with websockets.serve(echo, "127.0.0.1", 0, compression=compression, max_size=None) as server:
        print("127.0.0.1:%d" % server.sockets[0].getsockname()[1], flush=True)
        await asyncio.Future()


asyncio.run(main("deflate" if flags.parse_args().compress else None))
