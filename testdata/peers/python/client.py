"""Runs the cases with Python's websockets against an echo server. See ../README.md."""

import asyncio
import json
import ssl
import sys
import time

from websockets.exceptions import ConnectionClosed
from websockets.legacy.client import WebSocketClientProtocol, connect

from options import client_extensions, parser

SIZES = [0, 1, 125, 126, 65535, 65536]
LARGE = 16 * 1024 * 1024
DEADLINE = 30  # seconds for one case


def payload(size):
    """Return size bytes that a window of 8 KiB or more can compress and a smaller one cannot."""
    state, block = 1, bytearray()
    for _ in range(5003):
        state = (state * 1103515245 + 12345) & 0xFFFFFFFF
        block.append(state >> 16 & 0xFF)
    return bytes((block * (size // len(block) + 1))[:size])


def text(size):
    """Return a string of exactly size bytes of UTF-8, with characters of one to four bytes."""
    unit = "".join(f"{i} prüfung, 検査, €uro, 𝄞; " for i in range(200))
    whole = (unit * (size // len(unit.encode()) + 1)).encode()[:size]
    fits = whole.decode(errors="ignore")  # without a character that was cut
    return fits + "." * (size - len(fits.encode()))


def same(got, want, what="echo"):
    if got != want:
        raise AssertionError(f"{what}: got {short(got)}, want {short(want)}")


def short(value):
    shown = repr(value)
    return shown if len(shown) <= 80 else f"{shown[:80]}… ({len(shown)} characters)"


class Client(WebSocketClientProtocol):
    """A client that counts the pings that it answered."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.answered = asyncio.Queue()

    async def pong(self, data=b""):
        await super().pong(data)
        self.answered.put_nowait(data)

    async def echo(self, message):
        await self.send(message)
        same(await self.recv(), message)


async def pieces(parts):
    for part in parts:
        await asyncio.sleep(0)  # a fragment goes out before the next one is made
        yield part


def message_cases():
    for size in SIZES:
        yield f"text-{size}", lambda ws, size=size: ws.echo(text(size))
        yield f"binary-{size}", lambda ws, size=size: ws.echo(payload(size))
    yield "every-byte", lambda ws: ws.echo(bytes(range(256)))
    yield "repeated", repeated
    yield "pipelined", pipelined


async def repeated(ws):
    for i in range(20):
        await ws.echo(f"{i} {text(1024)}")


async def pipelined(ws):
    sent = [payload(i * 7) if i % 2 else text(i * 7) for i in range(100)]
    await asyncio.gather(*(ws.send(message) for message in sent))
    for message in sent:
        same(await ws.recv(), message)


async def fragmented(ws, parts, want):
    await ws.send(parts)
    same(await ws.recv(), want)


async def echo_while_fragments_come(ws):
    """Ping between two fragments of a message."""

    async def parts():
        yield "one "
        await pinged(ws, b"between")  # answered before the message has ended
        yield "two"

    await fragmented(ws, parts(), "one two")


async def pinged(ws, data):
    waiter = await ws.ping(data)  # matched by its data
    await waiter


async def pinged_often(ws):
    for i in range(20):
        await pinged(ws, b"ping %d" % i)


async def unsolicited_pong(ws):
    await WebSocketClientProtocol.pong(ws, b"nobody asked")
    await ws.echo("after a pong")


async def server_pings(ws):
    for _ in range(10):  # each further one proves that the pong before it was taken
        await ws.answered.get()
    await ws.echo("still here")


async def ended(ws):
    """Wait for the end and return it as the peer sent it."""
    try:
        got = await ws.recv()
    except ConnectionClosed as end:
        return (end.rcvd.code, end.rcvd.reason) if end.rcvd else (1006, "")
    raise AssertionError(f"end of the connection: got the message {short(got)}")


def closing(code, reason=""):
    async def case(ws):
        await ws.echo("before the close")
        await ws.close(code, reason)
        same(ws.close_code, code, "close code")
        if ws.close_reason:
            same(ws.close_reason, reason, "close reason")

    return case


def closed_by_server(code, reason):
    async def case(ws):
        await ws.send(f"!close {code} {reason}".rstrip())
        same(await ended(ws), (code, reason), "close")

    return case


async def fragments_from_server(ws):
    await ws.send(f"!fragments 5 {text(3000)}")
    same(await ws.recv(), text(3000))


async def pinged_by_server(ws):
    await ws.send("!ping ünd")
    same(await ws.recv(), "pong ünd", "what the server says of our pong")


async def shut_down(ws):
    same(await ended(ws), (1001, "the server is shutting down"), "close")


# The group of the case that the server ends, when it is stopped.
FINAL = "shutdown"

# Each group's cases, and whether each of them wants a connection of its own.
GROUPS = {
    "messages": (False, dict(message_cases())),
    "large": (
        False,
        {
            "text-16m": lambda ws: ws.echo(text(LARGE)),
            "binary-16m": lambda ws: ws.echo(payload(LARGE)),
        },
    ),
    "fragments": (
        False,
        {
            # The library ends each of these with an empty frame.
            "text-fragments": lambda ws: fragmented(
                ws, ["prü", "", "fung ", text(66000)], "prüfung " + text(66000)
            ),
            "binary-fragments": lambda ws: fragmented(
                ws, pieces([payload(126), payload(65536)]), payload(126) + payload(65536)
            ),
            "empty-fragments": lambda ws: fragmented(ws, pieces(["", "", ""]), ""),
            "ping-between-fragments": echo_while_fragments_come,
        },
    ),
    "control": (
        False,
        {
            "ping-empty": lambda ws: pinged(ws, b""),
            "ping-125": lambda ws: pinged(ws, payload(125)),
            "ping-many": pinged_often,
            "unsolicited-pong": unsolicited_pong,
        },
    ),
    "pings": (False, {"server-pings": server_pings}),
    "close": (
        True,
        {
            "close-1000": closing(1000),
            "close-1001": closing(1001, "leaving"),
            "close-3000": closing(3000, "done: prüfung"),
            "close-4999": closing(4999, text(123)),
        },
    ),
    FINAL: (False, {"going-away": shut_down}),
    "commands": (
        True,
        {
            "fragmented": fragments_from_server,
            "pinged": pinged_by_server,
            **{
                f"closed-{code}": closed_by_server(
                    code, "" if code == 1000 else f"because ünd {code}"
                )
                for code in [1000, 1001, 1008, 1011, 3000, 4999]
            },
        },
    ),
}


class Report:
    def __init__(self):
        self.failed = False

    async def attempt(self, name, work):
        started, line = time.monotonic(), {"case": name, "ok": True}
        try:
            more = await asyncio.wait_for(work, DEADLINE)
            line["detail"] = f"{(time.monotonic() - started) * 1000:.0f} ms"
            line.update(more or {})
        except Exception as err:  # each case says what went wrong, and the next one runs
            line.update(ok=False, detail=f"{type(err).__name__}: {err}")
            self.failed = True
        print(json.dumps(line, ensure_ascii=False), flush=True)
        return line["ok"]


async def main():
    p = parser(__doc__)
    p.add_argument("--groups", default="messages,fragments,control,close")
    p.add_argument("--ca")
    p.add_argument("url")
    flags = p.parse_args()
    names = [name for name in flags.groups.split(",") if name]
    unknown = [name for name in names if name not in GROUPS]
    if unknown:
        p.error(f"no group {unknown[0]}; there are {', '.join(GROUPS)}")

    def dial():
        return connect(
            flags.url,
            create_protocol=Client,
            ssl=ssl.create_default_context(cafile=flags.ca) if flags.ca else None,
            compression=None,
            extensions=client_extensions(flags),
            subprotocols=flags.subprotocol or None,
            max_size=None,
            ping_interval=None,
            open_timeout=10,
            close_timeout=10,
        )

    report, shared = Report(), None

    async def open_shared():
        nonlocal shared
        shared = await dial()
        return {
            "extensions": shared.response_headers.get("Sec-WebSocket-Extensions", ""),
            "protocol": shared.subprotocol or "",
        }

    async def on_fresh(body):
        async with dial() as ws:
            await body(ws)

    if not await report.attempt("open", open_shared()):
        return 1
    for name in names:
        fresh, cases = GROUPS[name]
        for title, body in cases.items():
            await report.attempt(title, on_fresh(body) if fresh else body(shared))
    if FINAL not in names:
        await report.attempt("leave", closing(1000)(shared))
    return 1 if report.failed else 0


sys.exit(asyncio.run(main()))
