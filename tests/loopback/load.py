"""Clients that ask again and again and remember every failure; for tests in which nothing may be lost."""

import threading

import daemon
import raw

REQUEST = b"GET /1k HTTP/1.1\r\nHost: shop.test\r\n\r\n"


class Load:
    """Each client keeps its connection until it is told otherwise, as HTTP/1.1 has it. Anything but a 200 is
    a failure; there are no second tries."""

    def __init__(self, address, clients=4):
        self.address, self.asked, self.failures = address, [0] * clients, []
        self.stopped = threading.Event()
        self.threads = [threading.Thread(target=self.run, args=(i,), daemon=True) for i in range(clients)]
        for one in self.threads:
            one.start()

    def run(self, number):
        connection = None
        while not self.stopped.is_set():
            try:
                if connection is None:
                    connection = raw.Connection(self.address, seconds=30)
                connection.send(REQUEST)
                answer = connection.read()
                self.asked[number] += 1
                if answer.status != 200:
                    raise AssertionError(f"{answer}")
                if (answer.get("connection") or "").lower() == "close":
                    connection.close()
                    connection = None
            except Exception as error:  # noqa: BLE001: whatever it is, it was lost
                self.failures.append(f"client {number}, request {self.asked[number]}: {error!r}")
                connection = None
                if len(self.failures) > 20:
                    return

    def more(self, number=50, seconds=30):
        """Waits until every client has asked so many times more."""
        goals = [n + number for n in self.asked]
        daemon.until(
            lambda: self.failures or all(n >= goal for n, goal in zip(self.asked, goals)),
            f"{number} more requests of each client",
            seconds,
        )

    def stop(self):
        self.stopped.set()
        for one in self.threads:
            one.join(40)
        return sum(self.asked)
