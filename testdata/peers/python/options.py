"""The flags that the server and the client of Python's websockets share."""

import argparse

from websockets.extensions import permessage_deflate


def parser(description):
    p = argparse.ArgumentParser(description=description)
    p.add_argument("--compress", action="store_true")
    p.add_argument("--server-no-context-takeover", action="store_true")
    p.add_argument("--client-no-context-takeover", action="store_true")
    p.add_argument("--server-max-window-bits", type=int)
    p.add_argument("--client-max-window-bits", type=int)
    p.add_argument("--subprotocol", action="append", default=[])
    return p


def server_extensions(flags):
    """The offers that the server accepts, and how it narrows them."""
    if not flags.compress:
        return None
    return [
        permessage_deflate.ServerPerMessageDeflateFactory(
            server_no_context_takeover=flags.server_no_context_takeover,
            client_no_context_takeover=flags.client_no_context_takeover,
            server_max_window_bits=flags.server_max_window_bits,
            client_max_window_bits=flags.client_max_window_bits,
        )
    ]


def client_extensions(flags):
    """What the client offers; without bits of its own it leaves them to the server."""
    if not flags.compress:
        return None
    return [
        permessage_deflate.ClientPerMessageDeflateFactory(
            server_no_context_takeover=flags.server_no_context_takeover,
            client_no_context_takeover=flags.client_no_context_takeover,
            server_max_window_bits=flags.server_max_window_bits,
            client_max_window_bits=flags.client_max_window_bits or True,
        )
    ]
