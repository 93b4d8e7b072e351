{{- define "adit.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{- define "adit.fullname" -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else if contains $name .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "adit.namespace" -}}
{{- default .Release.Namespace .Values.namespaceOverride -}}
{{- end -}}

{{- define "adit.controller" -}}
{{- printf "%s-%s" (include "adit.fullname" .) .Values.controller.name -}}
{{- end -}}

{{- define "adit.backend" -}}
{{- printf "%s-%s" (include "adit.fullname" .) .Values.defaultBackend.name -}}
{{- end -}}

{{- define "adit.account" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "adit.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{- define "adit.keys" -}}
{{- default (printf "%s-keys" (include "adit.fullname" .)) .Values.controller.keys.existingSecret -}}
{{- end -}}

{{- define "adit.token" -}}
{{- default (printf "%s-admin-token" (include "adit.fullname" .)) .Values.controller.admin.existingSecret -}}
{{- end -}}

{{- define "adit.selector" -}}
app.kubernetes.io/name: {{ include "adit.name" .root }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end -}}

{{/* Of every object; `component` says what of Adit it belongs to. */}}
{{- define "adit.labels" -}}
{{ include "adit.selector" . }}
app.kubernetes.io/part-of: {{ include "adit.name" .root }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
{{- with .root.Chart.AppVersion }}
app.kubernetes.io/version: {{ . | quote }}
{{- end }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{- $own := dict -}}
{{- if eq .component "controller" }}{{ $own = .root.Values.controller.labels }}{{ end -}}
{{- if eq .component "default-backend" }}{{ $own = .root.Values.defaultBackend.labels }}{{ end -}}
{{- with merge (dict) (default dict .more) $own .root.Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* The name of an image; `tag` stands in where neither tag nor digest is given. */}}
{{- define "adit.image" -}}
{{- $of := .image -}}
{{- $registry := default .root.Values.global.image.registry $of.registry -}}
{{- $name := $of.repository -}}
{{- if not $name -}}
{{- $name = ternary (printf "%s/%s" $registry $of.image) $of.image (ne $registry "") -}}
{{- end -}}
{{- if $of.digest -}}
{{- printf "%s@%s" $name $of.digest -}}
{{- else -}}
{{- printf "%s:%s" $name (default .tag (toString (default "" $of.tag))) -}}
{{- end -}}
{{- end -}}

{{/* What a container may do: the given security context, or one made of the keys at `image`. */}}
{{- define "adit.container.security" -}}
{{- if .given -}}
{{ toYaml .given }}
{{- else -}}
runAsNonRoot: {{ .image.runAsNonRoot }}
runAsUser: {{ .image.runAsUser }}
runAsGroup: {{ .image.runAsGroup }}
allowPrivilegeEscalation: {{ .image.allowPrivilegeEscalation }}
readOnlyRootFilesystem: {{ .image.readOnlyRootFilesystem }}
{{- with .image.seccompProfile }}
seccompProfile:
  {{- toYaml . | nindent 2 }}
{{- end }}
capabilities:
  drop: [ALL]
  {{- if .low }}
  add: [NET_BIND_SERVICE]
  {{- end }}
{{- end -}}
{{- end -}}
