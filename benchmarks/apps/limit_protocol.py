"""The limit of HTTP in Python: a bare protocol on uvloop and httptools, a fixed answer. `python limit_protocol.py PORT WORKERS`."""

import asyncio
import os
import socket
import sys

import httptools
import uvloop

ANSWER = b'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 19\r\n\r\n{"predictions":[0]}'


class Bare(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport = transport
        self.parser = httptools.HttpRequestParser(self)

    def data_received(self, data):
        self.parser.feed_data(data)

    def on_message_complete(self):
        self.transport.write(ANSWER)


async def main(port):
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    listening.bind(("127.0.0.1", port))
    server = await asyncio.get_running_loop().create_server(Bare, sock=listening)
    await server.serve_forever()


for _ in range(int(sys.argv[2]) - 1):
    if os.fork() == 0:
        break
uvloop.run(main(int(sys.argv[1])))
