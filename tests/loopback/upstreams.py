"""Real upstreams, each a process of its own.

mirror   this file as a program: tells in JSON what it received; /bytes/N streams N bytes; bodies are read,
         counted and hashed
fast     bench/load/upstream.c: a keep-alive C server whose answers carry `Server: NAME`
nginx    Debian's
"""

import asyncio
import json
import os
import shutil
import subprocess
import sys
import tempfile

import daemon


class Process:
    def __init__(self, argv, port=None):
        self.process = subprocess.Popen(argv, stdout=subprocess.PIPE, text=True, start_new_session=True)
        if port is None:
            port = int(self.process.stdout.readline())
        self.port = port
        self.address = f"127.0.0.1:{port}"

    def stop(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


def mirror(name, port=0):
    return Process([sys.executable, os.path.abspath(__file__), name, str(port)])


def compiled(source, name, *flags):
    """A C program of the tests, compiled once per change of its source, in the build folder."""
    folder = os.path.join(daemon.repository(), "build", "tests")
    os.makedirs(folder, exist_ok=True)
    target = os.path.join(folder, name)
    if not os.path.exists(target) or os.path.getmtime(target) < os.path.getmtime(source):
        made = f"{target}.{os.getpid()}"
        subprocess.run(["cc", "-O2", "-Wall", "-o", made, source, *flags], check=True)
        os.replace(made, target)
    return target


def fast(name):
    source = os.path.join(daemon.repository(), "bench", "load", "upstream.c")
    return Process([compiled(source, "upstream"), "0", name])


class Nginx:
    """nginx as an upstream that answers with its name."""

    def __init__(self, name):
        import socket

        self.folder = tempfile.mkdtemp(prefix="upstream.")
        os.chmod(self.folder, 0o755)
        self.port = daemon.free_port()
        self.address = f"127.0.0.1:{self.port}"
        conf = os.path.join(self.folder, "conf")
        with open(conf, "w") as f:
            f.write(f"""daemon off; worker_processes 1; pid {self.folder}/pid; error_log {self.folder}/err;
events {{ worker_connections 256; }}
http {{ access_log off; client_body_temp_path {self.folder}/b; proxy_temp_path {self.folder}/p;
fastcgi_temp_path {self.folder}/f;
uwsgi_temp_path {self.folder}/u; scgi_temp_path {self.folder}/s;
server {{ listen {self.address}; add_header X-Name {name}; location / {{ return 200 "{name} $request_uri"; }}
location /files/ {{ alias {self.folder}/; }} }} }}""")
        with open(os.path.join(self.folder, "page.txt"), "w") as f:
            f.write("0123456789" * 1000)
        os.chmod(os.path.join(self.folder, "page.txt"), 0o644)
        self.process = subprocess.Popen(
            ["nginx", "-p", self.folder, "-c", conf], stderr=subprocess.DEVNULL, start_new_session=True
        )

        def listens():
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return True
            except OSError:
                return False

        daemon.until(listens, "nginx to listen")

    def stop(self):
        self.process.terminate()
        self.process.wait(10)
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


BLOCK = bytes(range(256)) * 1024


async def read_body(reader, fields):
    """(size, checksum) of the body, read to its end."""
    import zlib

    size, checksum = 0, 0

    async def take(n):
        nonlocal size, checksum
        while n:
            data = await reader.read(min(n, 1 << 20))
            if not data:
                raise asyncio.IncompleteReadError(b"", n)
            size, checksum, n = size + len(data), zlib.crc32(data, checksum), n - len(data)

    if fields.get("transfer-encoding", "").lower() == "chunked":
        while n := int((await reader.readline()).split(b";")[0], 16):
            await take(n)
            await reader.readexactly(2)
        while (await reader.readline()) != b"\r\n":
            pass
    else:
        await take(int(fields.get("content-length", 0)))
    return size, checksum


async def serve(name, reader, writer):
    try:
        while line := (await reader.readline()).decode("latin-1"):
            method, target, _ = line.split(" ", 2)
            fields = []
            while text := (await reader.readline()).decode("latin-1").rstrip("\r\n"):
                key, _, value = text.partition(":")
                fields.append([key, value.strip()])
            size, checksum = await read_body(reader, {k.lower(): v for k, v in fields})
            if target.startswith("/bytes/"):
                left = int(target.split("/")[2])
                writer.write(
                    b"HTTP/1.1 200 OK\r\nServer: %s\r\nContent-Length: %d\r\n\r\n" % (name.encode(), left)
                )
                while left:
                    writer.write(BLOCK[:left])
                    left -= min(left, len(BLOCK))
                    await writer.drain()
                continue
            if target.startswith("/chunks/"):
                left = int(target.split("/")[2])
                writer.write(
                    b"HTTP/1.1 200 OK\r\nServer: %s\r\nTransfer-Encoding: chunked\r\n\r\n" % name.encode()
                )
                while left:
                    n = min(left, len(BLOCK))
                    writer.write(b"%x\r\n" % n + BLOCK[:n] + b"\r\n")
                    left -= n
                    await writer.drain()
                writer.write(b"0\r\n\r\n")
                continue
            if target.startswith("/wait/"):  # answers when the file named by the query exists
                path = target.split("?", 1)[1]
                while not os.path.exists(path):
                    await asyncio.sleep(0.005)
            body = json.dumps(
                {
                    "name": name,
                    "method": method,
                    "target": target,
                    "fields": fields,
                    "body": size,
                    "crc": checksum,
                }
            ).encode()
            writer.write(
                b"HTTP/1.1 200 OK\r\nServer: %s\r\nContent-Type: application/json\r\n"
                b"Content-Length: %d\r\n\r\n"
                % (name.encode(), len(body))
                + (body if method != "HEAD" else b"")
            )
            await writer.drain()
    except (ConnectionError, asyncio.IncompleteReadError, ValueError):
        pass
    finally:
        writer.close()


async def main():
    name, port = sys.argv[1], int(sys.argv[2])
    server = await asyncio.start_server(
        lambda r, w: serve(name, r, w), "127.0.0.1", port, limit=1 << 20, backlog=1024
    )
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
