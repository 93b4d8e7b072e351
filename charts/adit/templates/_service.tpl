{{/* The fields of a Service's spec that are given as they are. */}}
{{- define "adit.service.spec" -}}
{{- range $name := list "clusterIP" "clusterIPs" "externalIPs" "externalTrafficPolicy" "ipFamilies" "ipFamilyPolicy" "loadBalancerClass" "loadBalancerIP" "loadBalancerSourceRanges" "sessionAffinity" "trafficDistribution" }}
{{- with get $ $name }}
{{ $name }}: {{ toJson . }}
{{- end }}
{{- end }}
{{- end -}}
