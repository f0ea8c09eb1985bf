"""A client of a test suite with Python's websockets, by Autobahn's convention. See ../README.md."""

import argparse
import asyncio
import contextlib
import urllib.parse

import websockets

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--compress", action="store_true")
parser.add_argument("base")
parser.add_argument("agent")


async def main(flags):
    def connect(path, compression=None):
        # Its limit is 1 MiB of itself.
        return websockets.connect(flags.base.rstrip("/") + path, compression=compression, max_size=16 << 20, close_timeout=1)

    async with connect("/getCaseCount") as ws:
        count = int(await ws.recv())
    agent = urllib.parse.quote(flags.agent)
    for n in range(1, count + 1):
        # A handshake that fails may be what the case is about. A window of 8 bits is a
        # ValueError of zlib, which has none.
        with contextlib.suppress(OSError, ValueError, websockets.WebSocketException):
            async with connect(f"/runCase?case={n}&agent={agent}", "deflate" if flags.compress else None) as ws:
                async for message in ws:
                    await ws.send(message)
    async with connect(f"/updateReports?agent={agent}"):
        pass


asyncio.run(main(parser.parse_args()))
