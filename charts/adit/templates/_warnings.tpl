{{/* A line for each value that does not do what its giver may expect. */}}
{{- define "adit.warnings" -}}
{{- $c := .Values.controller -}}
{{- range $path, $about := .Files.Get "files/unsupported.yaml" | fromYaml -}}
{{- if $about -}}
{{- $at := $.Values -}}
{{- range $step := splitList "." $path -}}
{{- if and (kindIs "map" $at) (hasKey $at $step) }}{{ $at = get $at $step }}{{ else }}{{ $at = "" }}{{ end -}}
{{- end -}}
{{- $off := and (kindIs "map" $at) (eq (toString (dig "enabled" "" (ternary $at (dict) (kindIs "map" $at)))) "false") -}}
{{- if and (not $off) (ne (toString $at) (default "" $about.unless)) (regexMatch ":(\"[^\"]|true|-?[1-9]|0\\.|\\[[^\\]])" (toJson (dict "x" $at))) }}
- {{ $path }} has no effect: {{ $about.hint }}.
{{- end -}}
{{- end -}}
{{- end -}}
{{- if eq (dig "preStop" "exec" "command" (list) $c.lifecycle | join " ") "/wait-shutdown" }}
- controller.lifecycle: /wait-shutdown is a program of ingress-nginx; left out, since Adit drains by itself.
{{- end -}}
{{- if lt (include "adit.grace" . | int) (include "adit.departure" . | int) }}
- controller.terminationGracePeriodSeconds is {{ include "adit.grace" . }}, but draining may take {{ include "adit.departure" . }} s (10 s of accepting, then
  controller.config.worker-shutdown-timeout): pods may be killed with requests under way. Leave it out.
{{- end -}}
{{- if and (include "adit.low" .) $c.hostNetwork (ne (toString $c.image.runAsUser) "0") }}
- controller.hostNetwork with ports below 1024: a user without rights may bind them only where the node says so
  (sysctl net.ipv4.ip_unprivileged_port_start=0). Or use controller.hostPort.enabled, which needs neither.
{{- end -}}
{{- if and $c.metrics.serviceMonitor.enabled (not (and $c.metrics.enabled $c.metrics.service.enabled)) }}
- controller.metrics.serviceMonitor finds nothing without controller.metrics.enabled and controller.metrics.service.enabled.
{{- end -}}
{{- if and (not $c.sideBySide) (eq (include "adit.status" .) "false") }}
- The status of Ingresses is not written: there is no Service of the chart, or controller.publishService is off.
{{- end -}}
{{- if .Values.rbac.scope }}
- rbac.scope: reading IngressClasses takes a ClusterRole, which somebody with the right to make one must bind to
  service account {{ include "adit.namespace" . }}/{{ include "adit.account" . }} (get, list, watch ingressclasses of networking.k8s.io).
{{- end -}}
{{- if and $c.service.internal.enabled (not $c.service.internal.annotations) (eq (default $c.service.type $c.service.internal.type) "LoadBalancer") }}
- controller.service.internal has no annotations: most clouds then make a load balancer with a public address.
{{- end -}}
{{- end -}}
