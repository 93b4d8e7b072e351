{{/* What a schema cannot say: values that contradict each other end the rendering, with a way out. */}}
{{- define "adit.refuse" -}}
{{- $c := .Values.controller -}}
{{- $name := printf "%s %s" (default "" $c.image.repository) (default "" $c.image.image) -}}
{{- if regexMatch "ingress-nginx|nginx-ingress" $name -}}
{{- fail (printf "controller.image names the image of ingress-nginx (%s). Leave controller.image out, or name Adit's." (trim $name)) -}}
{{- end -}}
{{- if and .Values.rbac.scope (not $c.scope.enabled) -}}
{{- fail "rbac.scope makes no ClusterRole, so Adit may look into one namespace only. Set controller.scope.enabled, or leave rbac.scope out." -}}
{{- end -}}
{{- if and .Values.defaultBackend.enabled (not (or .Values.defaultBackend.image.image .Values.defaultBackend.image.repository)) -}}
{{- fail "defaultBackend.enabled needs defaultBackend.image.image (and tag): Adit brings no image for it. Without a default backend Adit answers 404 itself." -}}
{{- end -}}
{{- if and .Values.defaultBackend.enabled (not (or .Values.defaultBackend.image.tag .Values.defaultBackend.image.digest)) -}}
{{- fail "defaultBackend.image needs a tag or a digest." -}}
{{- end -}}
{{- if and $c.autoscaling.enabled (eq $c.kind "DaemonSet") -}}
{{- fail "controller.autoscaling scales a Deployment; a DaemonSet has one pod on each node. Leave one of them out." -}}
{{- end -}}
{{- if and (hasKey $c "maxUnavailable") (ne (toString $c.minAvailable) "1") -}}
{{- fail "a PodDisruptionBudget takes controller.minAvailable or controller.maxUnavailable, not both." -}}
{{- end -}}
{{- $own := toString (default "" (get $c.extraArgs "update-status")) -}}
{{- if and $c.sideBySide (eq $own "true") -}}
{{- fail "controller.sideBySide leaves the status of Ingresses to ingress-nginx; extraArgs.update-status: \"true\" would fight over it. Leave one of them out." -}}
{{- end -}}
{{- range $flag := list "config" "manifests" "kubernetes" "kubeconfig" "service-account" -}}
{{- if hasKey $c.extraArgs $flag -}}
{{- fail (printf "controller.extraArgs.%s: the chart runs Adit with --kubernetes, by the pod's service account." $flag) -}}
{{- end -}}
{{- end -}}
{{- end -}}
