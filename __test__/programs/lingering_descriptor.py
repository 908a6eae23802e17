"""A peer that attaches a descriptor whose closing takes long:
lingering_descriptor.py <serve|connect> <path or @id>

The descriptor is a TCP socket with SO_LINGER and more in its buffer than its peer takes: whoever
closes the last reference to it is held up for LINGER_SECONDS. Prints "listening" (serve), then
"refused" if the kernel would not pass it on, or "passed"; a byte follows either way. Ends with its
standard input.
"""

import socket
import struct
import sys

LINGER_SECONDS = 5


def linger(client, seconds):
    option = struct.pack("ii", 1, seconds)
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, option)


def lingering():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        client = socket.create_connection(listener.getsockname())
        server, _ = listener.accept()
    linger(client, LINGER_SECONDS)
    client.setblocking(False)
    try:
        while True:
            client.send(bytes(65536))
    except BlockingIOError:
        pass
    return client, server


def attach(stream):
    """Gives what must stay open, for the buffer to stay full."""
    client, server = lingering()
    try:
        socket.send_fds(stream, [b"a"], [client.fileno()])
        # While it is in the queue, closing ours costs nothing; the receiver's is the last then.
        client.close()
        print("passed", flush=True)
    except PermissionError:
        linger(client, 0)
        print("refused", flush=True)
    stream.sendall(b"b")
    return client, server


def main(role, name):
    """Keeps all that is open until the standard input ends."""
    address = "\0" + name[1:] if name.startswith("@") else name
    stream = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    if role == "serve":
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
            listener.bind(address)
            listener.listen(1)
            print("listening", flush=True)
            stream, _ = listener.accept()
    else:
        stream.connect(address)
    kept = attach(stream)
    sys.stdin.read()
    del kept


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
