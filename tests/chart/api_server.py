"""As much of an API server as `helm template --dry-run=server` asks for: discovery, and objects by name."""

import http.server
import json
import threading

GROUPS = {
    "v1": [("secrets", "Secret", True)],
    "networking.k8s.io/v1": [("ingressclasses", "IngressClass", False)],
}


class ApiServer:
    """objects: those that can be looked up, by kind and name."""

    def __init__(self, objects):
        self.objects = {(one["kind"], one["metadata"]["name"]): one for one in objects}
        self.asked = []
        server = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                path = self.path.split("?")[0]
                server.asked.append(path)
                status, body = server.answer(path)
                text = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *_):
                pass

        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.http.serve_forever, daemon=True)
        self.thread.start()

    def stop(self):
        self.http.shutdown()
        self.http.server_close()
        self.thread.join()

    def kubeconfig(self):
        return {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "c", "cluster": {"server": f"http://127.0.0.1:{self.http.server_port}"}}],
            "users": [{"name": "u", "user": {}}],
            "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}],
            "current-context": "x",
        }

    def answer(self, path):
        fixed = {
            "/version": {"major": "1", "minor": "31", "gitVersion": "v1.31.0"},
            "/api": {"kind": "APIVersions", "versions": ["v1"]},
            "/apis": {
                "kind": "APIGroupList",
                "apiVersion": "v1",
                "groups": [
                    {
                        "name": "networking.k8s.io",
                        "versions": [{"groupVersion": "networking.k8s.io/v1", "version": "v1"}],
                        "preferredVersion": {"groupVersion": "networking.k8s.io/v1", "version": "v1"},
                    }
                ],
            },
        }
        if path in fixed:
            return 200, fixed[path]
        for version, resources in GROUPS.items():
            root = ("/api/" if "/" not in version else "/apis/") + version
            if path == root:
                return 200, resource_list(version, resources)
            for plural, kind, _ in resources:
                if path.startswith(root + "/") and path.split("/")[-2:-1] == [plural]:
                    found = self.objects.get((kind, path.split("/")[-1]))
                    if found:
                        return 200, found
        return 404, {"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "NotFound", "code": 404}


def resource_list(version, resources):
    return {
        "kind": "APIResourceList",
        "apiVersion": "v1",
        "groupVersion": version,
        "resources": [
            {"name": plural, "singularName": "", "namespaced": spaced, "kind": kind, "verbs": ["get", "list"]}
            for plural, kind, spaced in resources
        ],
    }
