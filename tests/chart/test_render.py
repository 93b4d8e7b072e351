"""What objects the chart makes of which values."""

import chart
from chart import container, flags, kinds, pick, pod


class Defaults(chart.Case):
    def test_lint_is_clean(self):
        for values in (None, EVERYTHING):
            said = self.helm("lint", "--strict", values=values, release="")
            self.assertIn("0 chart(s) failed", said)
            self.assertNotIn("[WARNING]", said)

    def test_names_follow_release_and_overrides(self):
        pick(self.objects(release="edge"), "Deployment", "edge-adit-controller")
        pick(self.objects(), "Deployment", "adit-controller")
        objects = self.objects(
            {"fullnameOverride": "gate", "namespaceOverride": "other", "commonLabels": {"team": "web"}}
        )
        for one in objects:
            self.assertIn(one["metadata"].get("namespace", "other"), "other")
            self.assertEqual(one["metadata"]["labels"]["team"], "web")
        pick(objects, "Deployment", "gate-controller")

    def test_selectors_find_the_pods(self):
        objects = self.objects(EVERYTHING)
        template = pick(objects, "Deployment", "adit-controller")["spec"]["template"]["metadata"]["labels"]
        selectors = [pick(objects, "Deployment", "adit-controller")["spec"]["selector"]["matchLabels"]]
        selectors += [
            one["spec"]["selector"]
            for one in objects
            if one["kind"] == "Service" and "-controller" in one["metadata"]["name"]
        ]
        selectors.append(pick(objects, "PodDisruptionBudget", "adit-controller")["spec"]["selector"]["matchLabels"])
        selectors.append(pick(objects, "NetworkPolicy")["spec"]["podSelector"]["matchLabels"])
        self.assertEqual(len(selectors), 7)
        for selector in selectors:
            self.assertLessEqual(selector.items(), template.items())
        backend = pick(objects, "Service", "adit-defaultbackend")["spec"]["selector"]
        self.assertFalse(backend.items() <= template.items())

    def test_pods_have_no_rights_to_spare(self):
        for values in (None, EVERYTHING):
            for one in self.objects(values):
                if one["kind"] != "Deployment":
                    continue
                security = one["spec"]["template"]["spec"]["containers"][0]["securityContext"]
                self.assertTrue(security["runAsNonRoot"] and security["runAsUser"] > 0)
                self.assertTrue(security["readOnlyRootFilesystem"])
                self.assertFalse(security["allowPrivilegeEscalation"])
                self.assertEqual(security["capabilities"], {"drop": ["ALL"]})
                self.assertEqual(security["seccompProfile"], {"type": "RuntimeDefault"})

    def test_low_ports_take_one_capability(self):
        objects = self.objects({"controller": {"containerPort": {"http": 80, "https": 443}}})
        self.assertEqual(
            container(objects)["securityContext"]["capabilities"], {"drop": ["ALL"], "add": ["NET_BIND_SERVICE"]}
        )
        self.assertEqual(
            pod(objects)["securityContext"]["sysctls"], [{"name": "net.ipv4.ip_unprivileged_port_start", "value": "0"}]
        )
        self.assertEqual(flags(objects)["--http"], ":80")
        on_host = self.objects({"controller": {"containerPort": {"http": 80, "https": 443}, "hostNetwork": True}})
        self.assertNotIn("sysctls", pod(on_host)["securityContext"])
        self.assertEqual(pod(on_host)["dnsPolicy"], "ClusterFirstWithHostNet")

    def test_host_ports_take_none(self):
        objects = self.objects({"controller": {"hostPort": {"enabled": True}, "kind": "DaemonSet"}})
        self.assertNotIn("add", container(objects)["securityContext"]["capabilities"])
        ports = {one["name"]: (one["containerPort"], one.get("hostPort")) for one in container(objects)["ports"]}
        self.assertEqual(ports, {"http": (8080, 80), "https": (8443, 443), "metrics": (10254, None)})
        self.assertNotIn("replicas", pick(objects, "DaemonSet")["spec"])

    def test_probes_follow_the_port(self):
        values = {
            "controller": {
                "metrics": {"port": 9999},
                "livenessProbe": {"httpGet": {"path": "/healthz"}},
                "readinessProbe": {"httpGet": {"port": "metrics"}},
            }
        }
        one = container(self.objects(values))
        self.assertEqual(one["livenessProbe"]["httpGet"], {"path": "/healthz", "port": 9999, "scheme": "HTTP"})
        self.assertEqual(one["readinessProbe"]["httpGet"]["port"], "metrics")
        self.assertNotIn("startupProbe", one)


class Draining(chart.Case):
    def grace(self, values=None):
        return pod(self.objects(values))["terminationGracePeriodSeconds"]

    def test_grace_period_is_longer_than_the_drain(self):
        self.assertEqual(self.grace(), 10 + 240 + 10)
        self.assertEqual(self.grace({"controller": {"config": {"worker-shutdown-timeout": "20s"}}}), 40)
        # What Adit cannot read is its default of a minute.
        self.assertEqual(self.grace({"controller": {"config": {"worker-shutdown-timeout": "4m"}}}), 80)
        self.assertEqual(self.grace({"controller": {"config": {"worker-shutdown-timeout": None}}}), 80)

    def test_a_shorter_one_is_warned_about(self):
        values = {"controller": {"terminationGracePeriodSeconds": 30}}
        self.assertEqual(self.grace(values), 30)
        self.assertIn("terminationGracePeriodSeconds is 30, but draining may take 250 s", self.notes(values))
        self.assertNotIn("terminationGracePeriodSeconds", self.notes())

    def test_hook_of_nginx_is_left_out(self):
        hook = {"preStop": {"exec": {"command": ["/wait-shutdown"]}}}
        self.assertNotIn("lifecycle", container(self.objects({"controller": {"lifecycle": hook}})))
        self.assertIn("/wait-shutdown", self.notes({"controller": {"lifecycle": hook}}))
        own = {"preStop": {"exec": {"command": ["sleep", "1"]}}}
        self.assertEqual(container(self.objects({"controller": {"lifecycle": own}}))["lifecycle"], own)


class Classes(chart.Case):
    def test_class_is_made_and_outlives_the_release(self):
        values = {"controller": {"ingressClassResource": {"default": True, "aliases": ["web"]}}}
        objects = self.objects(values)
        main, alias = pick(objects, "IngressClass", "nginx"), pick(objects, "IngressClass", "web")
        for one in (main, alias):
            self.assertEqual(one["spec"], {"controller": "k8s.io/ingress-nginx"})
            self.assertEqual(one["metadata"]["annotations"]["helm.sh/resource-policy"], "keep")
        default = "ingressclass.kubernetes.io/is-default-class"
        self.assertEqual(main["metadata"]["annotations"][default], "true")
        self.assertNotIn(default, alias["metadata"]["annotations"])

    def test_beside_another_controller_nothing_of_its_is_touched(self):
        objects = self.objects({"controller": {"sideBySide": True}})
        self.assertNotIn("IngressClass", kinds(objects))
        self.assertEqual(flags(objects)["--update-status"], "false")
        self.assertNotIn("--election-id", flags(objects))
        self.assertEqual(flags(objects)["--controller-class"], "k8s.io/ingress-nginx")
        text = str([one.get("rules") for one in objects])
        self.assertNotIn("ingresses/status", text)
        self.assertNotIn("leases", text)

    def test_taking_over_writes_the_status(self):
        objects = self.objects()
        self.assertEqual(flags(objects)["--update-status"], "true")
        self.assertEqual(flags(objects)["--publish-service"], "ingress/adit-controller")
        lease = pick(objects, "Role", "adit-election")["rules"][1]
        self.assertEqual(lease["resourceNames"], ["adit-leader-adit"])

    def test_without_an_address_there_is_no_status(self):
        for values in (
            {"publishService": {"enabled": False}},
            {"service": {"enabled": False}},
            {"extraArgs": {"update-status": "false"}},
        ):
            self.assertEqual(flags(self.objects({"controller": values}))["--update-status"], "false", values)
        given = flags(
            self.objects(
                {
                    "controller": {
                        "publishService": {"enabled": False},
                        "extraArgs": {"publish-status-address": "192.0.2.1"},
                    }
                }
            )
        )
        self.assertEqual(given["--update-status"], "true")
        internal = {"service": {"external": {"enabled": False}, "internal": {"enabled": True}}}
        self.assertEqual(
            flags(self.objects({"controller": internal}))["--publish-service"], "ingress/adit-controller-internal"
        )


class Rights(chart.Case):
    @staticmethod
    def rights(role):
        """{resource: verbs}"""
        return {name: set(rule["verbs"]) for rule in role["rules"] for name in rule["resources"]}

    READ = {"get", "list", "watch"}

    def test_all_namespaces(self):
        found = self.rights(pick(self.objects(), "ClusterRole"))
        read = ("configmaps", "secrets", "services", "endpointslices", "ingresses", "ingressclasses")
        self.assertEqual(found, {**dict.fromkeys(read, self.READ), "ingresses/status": {"patch"}})

    def test_namespaces_are_read_where_they_are_chosen_by_label(self):
        objects = self.objects({"controller": {"scope": {"namespaceSelector": "team=shop"}}})
        self.assertEqual(self.rights(pick(objects, "ClusterRole"))["namespaces"], self.READ)
        self.assertEqual(flags(objects)["--watch-namespace-selector"], "team=shop")

    def test_one_namespace(self):
        objects = self.objects({"controller": {"scope": {"enabled": True, "namespace": "shop"}}})
        self.assertEqual(flags(objects)["--watch-namespace"], "shop")
        self.assertEqual(self.rights(pick(objects, "ClusterRole")), {"ingressclasses": self.READ})
        watched = pick(objects, "Role", "adit")
        self.assertEqual(watched["metadata"]["namespace"], "shop")
        self.assertEqual(
            set(self.rights(watched)),
            {"configmaps", "secrets", "services", "endpointslices", "ingresses", "ingresses/status"},
        )
        # The ConfigMap and the Service are elsewhere: by their names only.
        for name, resource, named in (
            ("configmap", "configmaps", "adit-controller"),
            ("publish-service", "services", "adit-controller"),
        ):
            role = pick(objects, "Role", f"adit-{name}")
            self.assertEqual(role["metadata"]["namespace"], chart.SPACE)
            self.assertEqual(
                role["rules"],
                [
                    {
                        "apiGroups": [""],
                        "resources": [resource],
                        "resourceNames": [named],
                        "verbs": ["get", "list", "watch"],
                    }
                ],
            )
        for one in objects:
            if one["kind"].endswith("RoleBinding") or one["kind"] == "RoleBinding":
                self.assertEqual(
                    one["subjects"], [{"kind": "ServiceAccount", "name": "adit", "namespace": chart.SPACE}]
                )
                self.assertEqual(one["roleRef"]["name"], one["metadata"]["name"])

    def test_a_certificate_elsewhere(self):
        values = {
            "controller": {"scope": {"enabled": True}, "extraArgs": {"default-ssl-certificate": "certs/wildcard"}}
        }
        role = pick(self.objects(values), "Role", "adit-default-ssl-certificate")
        self.assertEqual((role["metadata"]["namespace"], role["rules"][0]["resourceNames"]), ("certs", ["wildcard"]))

    def test_without_any_cluster_role(self):
        objects = self.objects({"controller": {"scope": {"enabled": True}}, "rbac": {"scope": True}})
        self.assertFalse(kinds(objects) & {"ClusterRole", "ClusterRoleBinding"})
        objects = self.objects({"rbac": {"create": False}, "serviceAccount": {"create": False, "name": "mine"}})
        self.assertFalse(
            kinds(objects) & {"ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding", "ServiceAccount"}
        )
        self.assertEqual(pod(objects)["serviceAccountName"], "mine")


class Settings(chart.Case):
    def test_config_and_headers(self):
        values = {
            "controller": {
                "config": {
                    "use-forwarded-headers": True,
                    "proxy-body-size": "8m",
                    "keep-alive": 30,
                    "x": "{{ .Release.Name }}",
                },
                "addHeaders": {"X-A": "1"},
                "proxySetHeaders": {"X-B": "2"},
            }
        }
        objects = self.objects(values)
        self.assertEqual(
            pick(objects, "ConfigMap", "adit-controller")["data"],
            {
                "add-headers": "ingress/adit-controller-add-headers",
                "proxy-set-headers": "ingress/adit-controller-proxy-headers",
                "keep-alive": "30",
                "proxy-body-size": "8m",
                "use-forwarded-headers": "true",
                "worker-shutdown-timeout": "240s",
                "x": "adit",
            },
        )
        self.assertEqual(pick(objects, "ConfigMap", "adit-controller-add-headers")["data"], {"X-A": "1"})
        self.assertEqual(flags(objects)["--configmap"], "ingress/adit-controller")

    def test_extra_arguments_win_and_stand_once(self):
        values = {
            "controller": {
                "extraArgs": {
                    "http-port": 8081,
                    "https-port": "8444",
                    "healthz-port": 10300,
                    "v": 2,
                    "compat": "strict",
                    "access-log": "stdout",
                    "enable-ssl-passthrough": "",
                }
            }
        }
        objects = self.objects(values)
        found = flags(objects)
        self.assertEqual(
            [found[one] for one in ("--http", "--https", "--status", "--v", "--compat", "--access-log")],
            [":8081", ":8444", ":10300", "2", "strict", "stdout"],
        )
        self.assertIn("--enable-ssl-passthrough", found)
        self.assertNotIn("--http-port", found)
        self.assertEqual([one["containerPort"] for one in container(objects)["ports"]], [8081, 8444, 10300])
        self.assertEqual(container(objects)["livenessProbe"]["httpGet"]["port"], 10300)

    def test_image(self):
        def image(**of):
            return container(self.objects({"controller": {"image": of}, "global": {"image": {"registry": "r.test"}}}))[
                "image"
            ]

        self.assertEqual(image(), "r.test/adit:0.1.0")
        self.assertEqual(image(registry="q.test", tag="2"), "q.test/adit:2")
        self.assertEqual(image(repository="q.test/x/adit", tag="2", digest="sha256:ab"), "q.test/x/adit@sha256:ab")

    def test_scaling(self):
        values = {
            "controller": {
                "replicaCount": 5,
                "autoscaling": {"enabled": True, "minReplicas": 2},
                "maxUnavailable": "25%",
            }
        }
        objects = self.objects(values)
        self.assertNotIn("replicas", pick(objects, "Deployment")["spec"])
        scaler = pick(objects, "HorizontalPodAutoscaler")["spec"]
        self.assertEqual([one["resource"]["name"] for one in scaler["metrics"]], ["cpu"])
        self.assertEqual(pick(objects, "PodDisruptionBudget")["spec"]["maxUnavailable"], "25%")
        self.assertNotIn("PodDisruptionBudget", kinds(self.objects()))

    def test_services(self):
        values = {
            "controller": {
                "service": {
                    "externalTrafficPolicy": "Local",
                    "enableHttp": False,
                    "labels": {"a": "b"},
                    "internal": {"enabled": True, "annotations": {"x": "z"}, "ports": {"https": 8443}},
                }
            }
        }
        objects = self.objects(values)
        outside, inside = pick(objects, "Service", "adit-controller"), pick(
            objects, "Service", "adit-controller-internal"
        )
        self.assertEqual(outside["spec"]["externalTrafficPolicy"], "Local")
        self.assertEqual([one["port"] for one in outside["spec"]["ports"]], [443])
        self.assertEqual(
            (inside["spec"]["type"], inside["spec"]["ports"][0]["port"], inside["metadata"]["annotations"]),
            ("LoadBalancer", 8443, {"x": "z"}),
        )
        self.assertNotIn("externalTrafficPolicy", inside["spec"])
        self.assertEqual(inside["metadata"]["labels"]["a"], "b")

    def test_admin_needs_a_token_in_the_cluster(self):
        self.assertEqual(flags(self.objects())["--admin"], "127.0.0.1:9090")
        objects = self.objects({"controller": {"admin": {"service": {"enabled": True}}}})
        self.assertEqual(
            (flags(objects)["--admin"], flags(objects)["--admin-token-file"]), (":9090", "/etc/adit/admin/token")
        )
        pick(objects, "Secret", "adit-admin-token")
        pick(objects, "Service", "adit-controller-admin")
        objects = self.objects({"controller": {"admin": {"existingSecret": "mine", "service": {"enabled": True}}}})
        self.assertEqual([one["metadata"]["name"] for one in objects if one["kind"] == "Secret"], ["adit-keys"])

    def test_default_backend(self):
        objects = self.objects(
            {
                "defaultBackend": {
                    "enabled": True,
                    "replicaCount": 2,
                    "image": {"repository": "r.test/pages", "tag": "1"},
                }
            }
        )
        self.assertEqual(flags(objects)["--default-backend-service"], "ingress/adit-defaultbackend")
        spec = pick(objects, "Deployment", "adit-defaultbackend")["spec"]["template"]["spec"]
        self.assertEqual(spec["containers"][0]["image"], "r.test/pages:1")
        self.assertFalse(spec["automountServiceAccountToken"])
        pick(objects, "PodDisruptionBudget", "adit-defaultbackend")

    def test_network_policy_opens_what_listens(self):
        rule = pick(self.objects(EVERYTHING), "NetworkPolicy")["spec"]["ingress"][0]
        self.assertEqual([one["port"] for one in rule["ports"]], [8080, 8443, 10254, 9090])


class Notes(chart.Case):
    def test_next_command(self):
        self.assertIn("kubectl -n ingress rollout status deployment/adit-controller", self.notes())
        self.assertIn("kubectl -n ingress get service adit-controller", self.notes())
        beside = self.notes({"controller": {"sideBySide": True, "kind": "DaemonSet"}})
        self.assertIn("kubectl -n ingress rollout status daemonset/adit-controller", beside)
        self.assertIn("curl --connect-to ::$ADDRESS: https://HOST/", beside)
        self.assertIn("--set controller.sideBySide=false", beside)
        token = self.notes({"controller": {"admin": {"service": {"enabled": True}}}})
        self.assertIn("kubectl -n ingress get secret adit-admin-token", token)

    def test_a_fresh_installation_has_nothing_to_be_warned_about(self):
        self.assertNotIn("Of your values", self.notes())


EVERYTHING = """
commonLabels: {team: web}
imagePullSecrets: [{name: pull}]
controller:
  replicaCount: 3
  podAnnotations: {a: b}
  podLabels: {c: d}
  labels: {e: f}
  annotations: {g: h}
  sysctls: {net.core.somaxconn: "4096"}
  addHeaders: {X-A: "1"}
  extraEnvs: [{name: A, value: b}]
  extraVolumes: [{name: more, emptyDir: {}}]
  extraVolumeMounts: [{name: more, mountPath: /more}]
  extraContainers: [{name: side, image: side}]
  extraInitContainers: [{name: first, image: first}]
  hostAliases: [{ip: 192.0.2.1, hostnames: [a.test]}]
  tolerations: [{operator: Exists}]
  affinity: {podAntiAffinity: {}}
  topologySpreadConstraints:
  - maxSkew: 1
    topologyKey: kubernetes.io/hostname
    whenUnsatisfiable: ScheduleAnyway
    labelSelector: {matchLabels: {app.kubernetes.io/instance: "{{ .Release.Name }}"}}
  updateStrategy: {type: RollingUpdate, rollingUpdate: {maxUnavailable: 0}}
  minReadySeconds: 5
  progressDeadlineSeconds: 600
  priorityClassName: system-cluster-critical
  startupProbe: {httpGet: {path: /readyz}, failureThreshold: 30}
  service: {internal: {enabled: true, annotations: {a: b}}}
  admin: {service: {enabled: true}}
  networkPolicy: {enabled: true}
  metrics:
    enabled: true
    serviceMonitor: {enabled: true, relabelings: [{action: keep}], scrapeTimeout: 5s}
    prometheusRule: {enabled: true, rules: [{alert: Mine, expr: vector(1)}]}
    dashboard: {enabled: true}
defaultBackend: {enabled: true, replicaCount: 2, image: {image: pages, tag: 1}}
"""
