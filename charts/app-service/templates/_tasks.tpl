{{/* Labels of the pods of a task, by another name than the service's: what selects those does not select these.
(dict "root" $ "name" …) */}}
{{- define "app-service.task-labels" -}}
app.kubernetes.io/name: {{ printf "%s-%s" .root.Release.Name .name | quote }}
app.kubernetes.io/part-of: {{ .root.Values.workload | quote }}
{{ include "app-service.origin" .root }}
{{- with .root.Values.labels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* A container that runs to its end: (dict "root" $ "name" … "task" … "kinds" …). */}}
{{- define "app-service.task-container" -}}
- name: {{ .name | quote }}
  image: {{ .task.image | default (include "app-service.image" .root) | quote }}
  imagePullPolicy: {{ .root.Values.image.pullPolicy }}
  {{- with .task.command }}
  command: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .task.args }}
  args: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- $env := merge (dict) (.task.env | default dict) .root.Values.env }}
  {{- with include "app-service.env" (dict "env" $env "secretEnv" .root.Values.secretEnv) | trim }}
  {{- . | nindent 2 }}
  {{- end }}
  resources: {{- toYaml (.task.resources | default .root.Values.resources) | nindent 4 }}
  securityContext: {{- include "app-service.hardening" .root | nindent 4 }}
  volumeMounts: {{- include "app-service.mounts" (dict "root" .root "kinds" .kinds) | nindent 4 }}
{{- end }}

{{/* The pod of a task: (dict "root" $ "name" … "task" … "kinds" … "account" …). */}}
{{- define "app-service.task-pod" -}}
restartPolicy: Never
serviceAccountName: {{ .account | quote }}
automountServiceAccountToken: {{ .token }}
{{- with .root.Values.imagePullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . | quote }}
  {{- end }}
{{- end }}
securityContext: {{- include "app-service.pod-security" .root | nindent 2 }}
containers:
  {{- include "app-service.task-container" . | nindent 2 }}
volumes: {{- include "app-service.volumes" (dict "root" .root "kinds" .kinds) | nindent 2 }}
{{- end }}
