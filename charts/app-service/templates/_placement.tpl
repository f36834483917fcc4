{{/* Fewest pods that there are. */}}
{{- define "app-service.fewest" -}}
{{- if .Values.autoscaling.enabled }}{{ .Values.autoscaling.min }}{{ else }}{{ .Values.replicas }}{{ end }}
{{- end }}

{{/* How two pods of the service keep away from the same node. */}}
{{- define "app-service.anti-affinity" -}}
{{- if eq .Values.spread.antiAffinity "required" }}
requiredDuringSchedulingIgnoredDuringExecution:
  - topologyKey: kubernetes.io/hostname
    labelSelector:
      matchLabels: {{- include "app-service.selector" . | nindent 8 }}
{{- else if eq .Values.spread.antiAffinity "preferred" }}
preferredDuringSchedulingIgnoredDuringExecution:
  - weight: 100
    podAffinityTerm:
      topologyKey: kubernetes.io/hostname
      labelSelector:
        matchLabels: {{- include "app-service.selector" . | nindent 10 }}
{{- end }}
{{- end }}
