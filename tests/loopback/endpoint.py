"""An upstream whose behaviour a test changes while it runs: a process of its own that is told by files in a folder.

    with endpoint.Endpoint("a") as one:
        one.set(status=500)      # every answer from now on
        one.set(delay=0.2)       # seconds before an answer
        one.hold()               # answers wait until release()
        one.stats()              # {"name": …, "requests": …, "now": …, "most": …, "connections": …}

Each answer has `Server: NAME`. /healthz is counted apart and answered by the status of its own (`health`).
"""

import asyncio
import json
import os
import shutil
import socket
import sys
import tempfile

import raw
import upstreams


class Endpoint(upstreams.Process):
    def __init__(self, name, port=0, folder=None):
        self.name = name
        self.folder = folder or tempfile.mkdtemp(prefix="endpoint.")
        super().__init__([sys.executable, os.path.abspath(__file__), name, str(port), self.folder])
        self.at = ("127.0.0.1", self.port)

    def set(self, **values):
        for key, value in values.items():
            path = os.path.join(self.folder, key)
            with open(path + ".new", "w") as f:
                f.write(str(value))
            os.rename(path + ".new", path)

    def hold(self):
        self.set(hold=1)

    def release(self):
        os.unlink(os.path.join(self.folder, "hold"))

    def stats(self):
        return raw.ask(self.at, "/stats").json()

    def again(self):
        """Another process at the same port, after stop()."""
        return Endpoint(self.name, self.port, self.folder)

    def stop(self):
        super().stop()

    def __exit__(self, *_):
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


class Server:
    def __init__(self, name, folder):
        self.name, self.folder = name, folder
        self.requests = self.health = self.now = self.most = self.connections = 0

    def told(self, key, default):
        try:
            with open(os.path.join(self.folder, key)) as f:
                return f.read()
        except OSError:
            return default

    async def answer(self, target):
        if target == "/stats":
            return 200, json.dumps({k: v for k, v in vars(self).items() if k != "folder"})
        if target == "/healthz":
            self.health += 1
            return int(self.told("health", 200)), "health"
        self.requests += 1
        self.now += 1
        self.most = max(self.most, self.now)
        try:
            delay = float(self.told("delay", 0))
            if delay:
                await asyncio.sleep(delay)
            while os.path.exists(os.path.join(self.folder, "hold")):
                await asyncio.sleep(0.005)
        finally:
            self.now -= 1
        return int(self.told("status", 200)), self.name

    async def serve(self, reader, writer):
        counted = False
        try:
            while line := (await reader.readline()).decode("latin-1"):
                target = line.split(" ")[1]
                while (await reader.readline()).strip():
                    pass
                if not counted and target not in ("/stats", "/healthz"):
                    counted = True
                    self.connections += 1
                status, body = await self.answer(target)
                writer.write(
                    b"HTTP/1.1 %d X\r\nServer: %s\r\nContent-Length: %d\r\n\r\n%s"
                    % (status, self.name.encode(), len(body), body.encode())
                )
                await writer.drain()
        except (ConnectionError, ValueError, IndexError):
            pass
        finally:
            self.connections -= counted
            writer.close()


async def main():
    name, port, folder = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    one = Server(name, folder)
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind(("127.0.0.1", port))
    server = await asyncio.start_server(one.serve, sock=sock, backlog=1024)
    print(sock.getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
