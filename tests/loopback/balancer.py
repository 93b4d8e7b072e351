"""A small TCP balancer for the tests: it sends new connections to members whose /readyz says 200, and cuts
nothing that is open."""

import selectors
import socket
import threading

import raw


class Balancer:
    """Members are (address for clients, address of /readyz); asked every `every` seconds, forgotten at once
    when they say no. All of it on one thread but for the probes."""

    def __init__(self, every=0.05):
        self.every, self.members, self.ready, self.stopped = every, [], [], threading.Event()
        self.turn = 0
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
        self.address = self.listener.getsockname()
        self.selector = selectors.DefaultSelector()
        self.peers = {}
        self.threads = [
            threading.Thread(target=work, daemon=True) for work in (self.carry, self.probe)
        ]
        for one in self.threads:
            one.start()

    def probe(self):
        while not self.stopped.wait(self.every):
            for member in list(self.members):
                try:
                    ready = raw.ask(member[1], "/readyz").status == 200
                except (OSError, raw.Closed):
                    ready = False
                now = [m for m in self.ready if m != member]
                self.ready = now + [member] if ready else now

    def add(self, front, status):
        self.members.append(((front), (status)))

    def remove(self, front):
        self.members = [m for m in self.members if m[0] != front]
        self.ready = [m for m in self.ready if m[0] != front]

    def connect(self):
        """To the next ready member; to another one where that refuses, as balancers do."""
        for _ in range(20):
            ready = self.ready
            if ready:
                self.turn += 1
                try:
                    return socket.create_connection(ready[self.turn % len(ready)][0], 5)
                except OSError:
                    pass
            self.stopped.wait(0.02)
        return None

    def carry(self):
        self.selector.register(self.listener, selectors.EVENT_READ)
        while not self.stopped.is_set():
            for key, _ in self.selector.select(0.1):
                if key.fileobj is self.listener:
                    self.welcome(self.listener.accept()[0])
                elif key.fileobj in self.peers:
                    self.pass_on(key.fileobj)

    def welcome(self, client):
        member = self.connect()
        if member is None:
            return client.close()
        for one, other in ((client, member), (member, client)):
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.peers[one] = other
            self.selector.register(one, selectors.EVENT_READ)

    def pass_on(self, one):
        other = self.peers[one]
        try:
            data = one.recv(65536)
            if data:
                return other.sendall(data)
        except OSError:
            pass
        for each in (one, other):
            self.selector.unregister(each)
            del self.peers[each]
            each.close()

    def close(self):
        self.stopped.set()
        for one in self.threads:
            one.join(5)
        for one in [self.listener, *self.peers]:
            one.close()
        self.selector.close()
