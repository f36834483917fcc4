{{/* Labels that select the pods: they never change over the life of a release. */}}
{{- define "app-service.selector" -}}
app.kubernetes.io/name: {{ .Release.Name | quote }}
app.kubernetes.io/part-of: {{ .Values.workload | quote }}
{{- end }}

{{/* Labels of every object. */}}
{{- define "app-service.labels" -}}
{{ include "app-service.selector" . }}
{{ include "app-service.origin" . }}
{{- with .Values.labels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* Labels that say what made an object. */}}
{{- define "app-service.origin" -}}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name (.Values.chartVersion | default .Chart.Version) | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{- end }}

{{/* The image, by digest where there is one. */}}
{{- define "app-service.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ .Values.image.tag }}
{{- end -}}
{{- end }}
