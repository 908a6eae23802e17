"""Python's socket module: socket_peer.py <serve|connect> <path or @id>

serve prints "listening" and echoes one connection up to its end; connect sends all of stdin,
half-closes, and writes all that comes back to stdout.
"""

import socket
import sys
import threading


def address(name):
    return "\0" + name[1:] if name.startswith("@") else name


def serve(name):
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(address(name))
        listener.listen(1)
        print("listening", flush=True)
        stream, _ = listener.accept()
        with stream:
            while chunk := stream.recv(65536):
                stream.sendall(chunk)
            stream.shutdown(socket.SHUT_WR)


def send(stream, data):
    stream.sendall(data)
    stream.shutdown(socket.SHUT_WR)


def connect(name):
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as stream:
        stream.connect(address(name))
        sender = threading.Thread(target=send, args=(stream, sys.stdin.buffer.read()))
        sender.start()
        while chunk := stream.recv(65536):
            sys.stdout.buffer.write(chunk)
        sender.join()


if __name__ == "__main__":
    {"serve": serve, "connect": connect}[sys.argv[1]](sys.argv[2])
