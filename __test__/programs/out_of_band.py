"""A peer that marks a byte as out-of-band between others: out_of_band.py <path>

Prints "sent" once all has been sent, or "unsupported". Ends with its standard input.
"""

import socket
import sys

with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as stream:
    stream.connect(sys.argv[1])
    stream.sendall(b"abc")
    try:
        stream.send(b"x", socket.MSG_OOB)
        stream.sendall(b"def")
        print("sent", flush=True)
    except OSError:
        stream.sendall(b"def")
        print("unsupported", flush=True)
    sys.stdin.read()
