{{/* Ports as the container has them: {http, https, status}. Flags of ingress-nginx that name ports are heeded. */}}
{{- define "adit.ports" -}}
{{- $c := .Values.controller -}}
http: {{ default $c.containerPort.http (get $c.extraArgs "http-port") | int }}
https: {{ default $c.containerPort.https (get $c.extraArgs "https-port") | int }}
status: {{ default $c.metrics.port (get $c.extraArgs "healthz-port") | int }}
{{- end -}}

{{/* Not empty where the container binds a port for which a process needs a right. */}}
{{- define "adit.low" -}}
{{- range $name, $port := include "adit.ports" . | fromYaml }}{{ if lt (int $port) 1024 }}{{ $name }}{{ end }}{{ end -}}
{{- end -}}

{{- define "adit.configmap" -}}
{{- printf "%s/%s" (default (include "adit.namespace" .) .Values.controller.configMapNamespace) (include "adit.controller" .) -}}
{{- end -}}

{{/* namespace/name of the Service whose address is published; empty where there is none. */}}
{{- define "adit.published" -}}
{{- $c := .Values.controller -}}
{{- if $c.publishService.enabled -}}
{{- if $c.publishService.pathOverride -}}
{{- tpl $c.publishService.pathOverride . -}}
{{- else if and $c.service.enabled $c.service.external.enabled -}}
{{- printf "%s/%s" (include "adit.namespace" .) (include "adit.controller" .) -}}
{{- else if and $c.service.enabled $c.service.internal.enabled -}}
{{- printf "%s/%s-internal" (include "adit.namespace" .) (include "adit.controller" .) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "adit.election" -}}
{{- default (printf "%s-leader" (include "adit.fullname" .)) .Values.controller.electionID -}}
{{- end -}}

{{/* "true" where the status of Ingresses is written. */}}
{{- define "adit.status" -}}
{{- $own := toString (default "" (get .Values.controller.extraArgs "update-status")) -}}
{{- $address := or (include "adit.published" .) (get .Values.controller.extraArgs "publish-service") (get .Values.controller.extraArgs "publish-status-address") -}}
{{- ternary "true" "false" (and (not .Values.controller.sideBySide) (ne $own "false") (ne (toString $address) "")) -}}
{{- end -}}

{{/* The namespace that scope asks for; empty where all are watched. */}}
{{- define "adit.scope" -}}
{{- if .Values.controller.scope.enabled -}}
{{- default (include "adit.namespace" .) .Values.controller.scope.namespace -}}
{{- end -}}
{{- end -}}

{{/* Flags by name. Those of the user come last and win, so that none stands twice. */}}
{{- define "adit.flags" -}}
{{- $c := .Values.controller -}}
{{- $ports := include "adit.ports" . | fromYaml -}}
{{- $flags := dict
      "http" (printf ":%v" $ports.http)
      "https" (printf ":%v" $ports.https)
      "status" (printf "%s:%v" $c.healthCheckHost $ports.status)
      "keys" "/etc/adit/keys"
      "compat" $c.compat
      "configmap" (include "adit.configmap" .)
      "ingress-class" $c.ingressClass
      "controller-class" $c.ingressClassResource.controllerValue
      "update-status" (include "adit.status" .) -}}
{{- if $c.admin.service.enabled -}}
{{- $_ := set $flags "admin" (printf ":%v" $c.admin.port) -}}
{{- $_ := set $flags "admin-token-file" "/etc/adit/admin/token" -}}
{{- else -}}
{{- $_ := set $flags "admin" (printf "127.0.0.1:%v" $c.admin.port) -}}
{{- end -}}
{{- if eq (include "adit.status" .) "true" -}}
{{- $_ := set $flags "election-id" (include "adit.election" .) -}}
{{- with include "adit.published" . }}{{ $_ := set $flags "publish-service" . }}{{ end -}}
{{- end -}}
{{- if $c.watchIngressWithoutClass }}{{ $_ := set $flags "watch-ingress-without-class" "" }}{{ end -}}
{{- with include "adit.scope" . }}{{ $_ := set $flags "watch-namespace" . }}{{ end -}}
{{- if and $c.scope.namespaceSelector (not $c.scope.enabled) -}}
{{- $_ := set $flags "watch-namespace-selector" $c.scope.namespaceSelector -}}
{{- end -}}
{{- if .Values.defaultBackend.enabled -}}
{{- $_ := set $flags "default-backend-service" (printf "%s/%s" (include "adit.namespace" .) (include "adit.backend" .)) -}}
{{- end -}}
{{- $own := omit $c.extraArgs "http-port" "https-port" "healthz-port" -}}
{{- range $name, $value := $own }}{{ $_ := set $flags $name (toString (default "" $value)) }}{{ end -}}
{{- if $c.sideBySide }}{{ $_ := set $flags "update-status" "false" }}{{ end -}}
{{- toYaml $flags -}}
{{- end -}}

{{- define "adit.args" -}}
- serve
- --kubernetes
{{- range $name, $value := include "adit.flags" . | fromYaml }}
- {{ ternary (printf "--%s" $name) (printf "--%s=%s" $name (toString $value)) (eq (toString $value) "") | quote }}
{{- end }}
{{- end -}}

{{/* Seconds that the pod is given to end: accepting for another 10, ending what is under way, and some to spare. */}}
{{- define "adit.grace" -}}
{{- if hasKey .Values.controller "terminationGracePeriodSeconds" -}}
{{- .Values.controller.terminationGracePeriodSeconds -}}
{{- else -}}
{{- include "adit.departure" . | int | add 10 -}}
{{- end -}}
{{- end -}}

{{- define "adit.departure" -}}
{{- $text := toString (default "" (get .Values.controller.config "worker-shutdown-timeout")) -}}
{{- $finish := 60 -}}
{{- if regexMatch "^[0-9]+s?$" $text }}{{ $finish = trimSuffix "s" $text | int }}{{ end -}}
{{- add 10 $finish -}}
{{- end -}}

{{/* The hook of ingress-nginx runs a program that is not in this image, and needs none: Adit drains by itself. */}}
{{- define "adit.lifecycle" -}}
{{- $hook := dig "preStop" "exec" "command" (list) .Values.controller.lifecycle -}}
{{- if eq (join " " $hook) "/wait-shutdown" -}}
{{- with omit .Values.controller.lifecycle "preStop" }}{{ toYaml . }}{{ end -}}
{{- else -}}
{{- with .Values.controller.lifecycle }}{{ toYaml . }}{{ end -}}
{{- end -}}
{{- end -}}
