{{/* Where a pod is put and by what it is pulled: the same for the controller and the default backend. */}}
{{- define "adit.pod" -}}
{{- with .root.Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .of.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- range $name := list "nodeSelector" "tolerations" "affinity" "topologySpreadConstraints" }}
{{- with get $.of $name }}
{{ $name }}:
  {{- tpl (toYaml .) $.root | nindent 2 }}
{{- end }}
{{- end }}
{{- end -}}

{{/* The group lets the user of the container read the mounted Secrets. */}}
{{- define "adit.pod.security" -}}
{{- $c := .Values.controller -}}
{{- $all := dict "fsGroup" $c.image.runAsGroup -}}
{{- $sysctls := dict -}}
{{- if and (include "adit.low" .) (not $c.hostNetwork) -}}
{{- $_ := set $sysctls "net.ipv4.ip_unprivileged_port_start" "0" -}}
{{- end -}}
{{- $sysctls = mergeOverwrite $sysctls $c.sysctls -}}
{{- if $sysctls -}}
{{- $list := list -}}
{{- range $name, $value := $sysctls }}{{ $list = append $list (dict "name" $name "value" (toString $value)) }}{{ end -}}
{{- $_ := set $all "sysctls" $list -}}
{{- end -}}
{{- toYaml (mergeOverwrite $all (deepCopy $c.podSecurityContext)) -}}
{{- end -}}
