"""A Kubernetes API server that lists and watches, and fails on demand, as real ones do.

    api = ApiServer()
    api.put(cluster.ingress(...))       # every watch hears of it
    api.answer = lambda request: ...    # what to say instead: (status, fields, body), or None for the usual
    api.cut_in_object = "ingresses"     # the next event of that collection breaks off in the middle
    api.compact()                       # versions before now are gone
    api.stop(); api.start()             # on the same port
    api.patches                         # (namespace, name, body) of statuses that were written

Like the real one: items of a list do not say their kind, a watch from a version that is gone is an ERROR event in a stream
of status 200 (or a status, with `gone_by_status`), one from a version of the future says nothing, bookmarks hold
nothing but a version, and watches end when they were asked to.
"""

import http.server
import json
import re
import socket
import threading
import time
import urllib.parse

KINDS = {
    "Ingress": ("/apis/networking.k8s.io/v1", "ingresses"),
    "IngressClass": ("/apis/networking.k8s.io/v1", "ingressclasses"),
    "Service": ("/api/v1", "services"),
    "EndpointSlice": ("/apis/discovery.k8s.io/v1", "endpointslices"),
    "Secret": ("/api/v1", "secrets"),
    "ConfigMap": ("/api/v1", "configmaps"),
    "Namespace": ("/api/v1", "namespaces"),
}
PATH = re.compile(r"^(/api/v1|/apis/[^/]+/[^/]+)(?:/namespaces/([^/]+))?/([a-z]+)$")
LEASE = re.compile(r"^/apis/coordination.k8s.io/v1/namespaces/([^/]+)/leases(?:/([^/]+))?$")
STATUS = re.compile(r"^/apis/networking.k8s.io/v1/namespaces/([^/]+)/ingresses/([^/]+)/status$")


class Request:
    def __init__(self, handler):
        split = urllib.parse.urlsplit(handler.path)
        self.path, self.query = split.path, dict(urllib.parse.parse_qsl(split.query))
        self.authorization = handler.headers.get("authorization")
        self.time = time.monotonic()
        found = PATH.match(self.path)
        self.group, self.namespace, self.collection = found.groups() if found else (None, None, None)
        self.watch = self.query.get("watch") in ("1", "true")

    def wants(self, one):
        meta = one["metadata"]
        if self.namespace and meta.get("namespace") != self.namespace:
            return False
        for term in filter(None, self.query.get("fieldSelector", "").split(",")):
            name, unequal, value = term.partition("!=") if "!=" in term else term.partition("=")
            got = one.get("type", "") if name == "type" else meta.get(name.removeprefix("metadata."), "")
            if (got == value) == (unequal == "!="):
                return False
        for term in filter(None, self.query.get("labelSelector", "").split(",")):
            name, _, value = term.partition("=")
            if meta.get("labels", {}).get(name) != value:
                return False
        return True


class ApiServer:
    def __init__(self, context=None, tokens=None):
        self.context, self.tokens = context, tokens
        self.changed = threading.Condition()
        self.objects = {}  # (collection, namespace, name): object
        self.log = []  # (version, type, collection, object)
        self.version, self.oldest, self.bookmark = 100, 0, 0
        self.gone_by_status = False
        self.page = 1000  # at most so many items to a list
        self.answer = lambda request: None
        self.cut_in_object, self.inject = None, {}
        self.leases, self.patches, self.lease_lasts = {}, [], None
        self.requests, self.connections, self.streams = [], set(), 0
        self.port, self.server = 0, None
        self.start()

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    def start(self):
        api = self

        class Server(http.server.ThreadingHTTPServer):
            allow_reuse_address, daemon_threads, request_queue_size = True, True, 64

            def get_request(self):
                peer, address = super().get_request()
                peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                if api.context:
                    peer = api.context.wrap_socket(peer, server_side=True, do_handshake_on_connect=False)
                return peer, address

            def handle_error(self, *_):
                pass

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self):
                super().setup()
                with api.changed:
                    api.connections.add(self.connection)

            def finish(self):
                with api.changed:
                    api.connections.discard(self.connection)
                super().finish()

            def log_message(self, *_):
                pass

            def do_GET(self):
                api.serve(self)

            do_POST = do_PUT = do_PATCH = do_GET

        self.server = Server(("127.0.0.1", self.port), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def stop(self):
        if self.server:
            self.server.shutdown()
            self.server.server_close()
            self.server = None
        self.drop()

    def drop(self):
        """Every connection breaks."""
        with self.changed:
            for one in list(self.connections):
                try:
                    one.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass
            self.connections.clear()
            self.changed.notify_all()

    # What is known.

    def put(self, one):
        _, collection = KINDS[one["kind"]]
        one = json.loads(json.dumps(one))
        key = (collection, one["metadata"].get("namespace"), one["metadata"]["name"])
        with self.changed:
            self.version += 1
            one["metadata"]["resourceVersion"] = str(self.version)
            word = "MODIFIED" if key in self.objects else "ADDED"
            self.objects[key] = one
            self.log.append((self.version, word, collection, one))
            self.changed.notify_all()
        return self.version

    def delete(self, kind, namespace, name):
        collection = KINDS[kind][1]
        with self.changed:
            self.version += 1
            one = dict(self.objects.pop((collection, namespace, name)))
            one["metadata"] = {**one["metadata"], "resourceVersion": str(self.version)}
            self.log.append((self.version, "DELETED", collection, one))
            self.changed.notify_all()

    def compact(self):
        with self.changed:
            self.oldest = self.version

    def send_bookmarks(self):
        """Tells every watch the version of now."""
        with self.changed:
            self.version += 1
            self.bookmark = self.version
            self.changed.notify_all()
        return self.bookmark

    def say(self, collection, line):
        """A line of its own on the watches of a collection."""
        with self.changed:
            self.inject.setdefault(collection, []).append(line)
            self.changed.notify_all()

    def asked(self, collection, watch, since=0):
        with self.changed:
            return [r for r in self.requests[since:] if r.collection == collection and r.watch == watch]

    def watching(self):
        with self.changed:
            return self.streams

    # What is answered.

    def serve(self, handler):
        request = Request(handler)
        body = handler.rfile.read(int(handler.headers.get("content-length", 0)))
        with self.changed:
            self.requests.append(request)
        said = self.answer(request)
        if said is None and LEASE.match(request.path):
            said = self.lease(handler.command, *LEASE.match(request.path).groups(), body)
        if said is None and STATUS.match(request.path):
            said = self.patch(handler, *STATUS.match(request.path).groups(), body)
        if said is None and self.tokens is not None:
            if (request.authorization or "").removeprefix("Bearer ") not in self.tokens:
                said = self.status(401, "Unauthorized")
        if said is None and not request.collection:
            said = self.status(404, "there is no such path")
        if said is None and request.watch and not request.query.get("resourceVersion", "").isdigit():
            said = self.status(500, "strconv.ParseUint: invalid syntax")
        if said is None and not request.watch:
            said = self.list(request)
        if said is None and self.gone_by_status and int(request.query["resourceVersion"]) < self.oldest:
            said = self.status(410, "too old resource version", "Expired")
        if said is not None:
            return self.reply(handler, *said)
        self.stream(handler, request)

    def status(self, code, message, reason=""):
        body = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "message": message}
        return code, {}, json.dumps({**body, "reason": reason, "code": code})

    def reply(self, handler, code, fields, body):
        body = body.encode() if isinstance(body, str) else body
        handler.send_response(code)
        for name, value in {"Content-Type": "application/json", **fields}.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    def lease(self, method, namespace, name, body):
        with self.changed:
            if method == "GET":
                one = self.leases.get((namespace, name))
                if not one:
                    return self.status(404, "not found", "NotFound")
                if self.lease_lasts:
                    one["spec"]["leaseDurationSeconds"] = self.lease_lasts
                return 200, {}, json.dumps(one)
            one = json.loads(body)
            known = self.leases.get((namespace, one["metadata"]["name"]))
            if known and known["metadata"]["resourceVersion"] != one["metadata"].get("resourceVersion"):
                return self.status(409, "the object has been modified", "Conflict")
            if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", one["spec"]["renewTime"]):
                return self.status(400, "no MicroTime", "BadRequest")
            self.version += 1
            one["metadata"]["resourceVersion"] = str(self.version)
            self.leases[namespace, one["metadata"]["name"]] = one
            return (200 if known else 201), {}, json.dumps(one)

    def patch(self, handler, namespace, name, body):
        if handler.command != "PATCH" or handler.headers["content-type"] != "application/merge-patch+json":
            return self.status(415, "unsupported media type")
        one = self.objects.get(("ingresses", namespace, name))
        if not one:
            return self.status(404, "not found", "NotFound")
        self.patches.append((namespace, name, json.loads(body)))
        self.put({**one, **json.loads(body)})
        return 200, {}, json.dumps(self.objects["ingresses", namespace, name])

    def list(self, request):
        with self.changed:
            version, first = self.version, 0
            if "continue" in request.query:
                version, first = map(int, request.query["continue"].split(":"))
                if version < self.oldest:
                    return self.status(410, "The provided continue parameter is too old", "Expired")
            found = [
                self.objects[k]
                for k in sorted(self.objects, key=str)
                if k[0] == request.collection and request.wants(self.objects[k])
            ]
        limit = min(int(request.query.get("limit", len(found) or 1)), self.page if "limit" in request.query else 1 << 30)
        meta = {"resourceVersion": str(version)}
        if first + limit < len(found):
            meta["continue"] = f"{version}:{first + limit}"
        kind = next(k for k, v in KINDS.items() if v[1] == request.collection)
        items = [{k: v for k, v in one.items() if k not in ("kind", "apiVersion")} for one in found[first : first + limit]]
        return 200, {}, json.dumps(
            {"kind": kind + "List", "apiVersion": request.group.split("/", 2)[-1], "metadata": meta, "items": items}
        )

    def stream(self, handler, request):
        handler.send_response(200)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()

        def chunk(data):
            handler.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
            handler.wfile.flush()

        with self.changed:
            self.streams += 1
        try:
            self.tell(handler, request, chunk)
        except OSError:
            pass
        finally:
            with self.changed:
                self.streams -= 1
        handler.close_connection = True

    def tell(self, handler, request, chunk):
        at = int(request.query["resourceVersion"])
        began = time.monotonic()
        said = len(self.inject.get(request.collection, []))
        kind, (group, _) = next((k, v) for k, v in KINDS.items() if v[1] == request.collection)
        if at < self.oldest:
            error = json.loads(self.status(410, f"too old resource version: {at}", "Expired")[2])
            chunk(json.dumps({"type": "ERROR", "object": error}).encode() + b"\n")
            return chunk(b"")
        while True:
            with self.changed:
                end = began + float(request.query.get("timeoutSeconds", 60))
                lines = [x.encode() for x in self.inject.get(request.collection, [])[said:]]
                said += len(lines)
                events = [e for e in self.log if e[0] > at]
                marked = self.bookmark if self.bookmark > at else 0
                alive = handler.connection in self.connections
                if alive and not lines and not events and not marked and time.monotonic() < end:
                    self.changed.wait(0.5)
                    continue
            if not alive:
                raise OSError("gone")
            if time.monotonic() >= end:
                return chunk(b"")
            for version, word, collection, one in events:
                at = version
                if collection != request.collection or not request.wants(one):
                    continue
                line = json.dumps({"type": word, "object": one}).encode() + b"\n"
                if self.cut_in_object == collection:
                    self.cut_in_object = None
                    chunk(line[: len(line) // 2])
                    handler.connection.shutdown(socket.SHUT_RDWR)
                    raise OSError("cut")
                chunk(line)
            for line in lines:
                chunk(line + b"\n")
            if marked > at:
                at = marked
                api = group.split("/", 2)[-1]
                meta = {"resourceVersion": str(at), "creationTimestamp": None}
                mark = {"kind": kind, "apiVersion": api, "metadata": meta, "endpoints": None, "spec": {}}
                chunk(json.dumps({"type": "BOOKMARK", "object": mark}).encode() + b"\n")
