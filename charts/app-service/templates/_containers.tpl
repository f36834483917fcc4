{{/* What every container is held to: Pod Security's level "restricted", and a root file system that nobody writes to. */}}
{{- define "app-service.hardening" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end }}

{{/* Who pods run as. A claim belongs to their group, or nobody but root could write to it. */}}
{{- define "app-service.pod-security" -}}
runAsNonRoot: true
{{- with .Values.runAsUser }}
runAsUser: {{ int64 . }}
{{- end }}
{{- if include "app-service.claims" . }}
fsGroup: 65532
fsGroupChangePolicy: OnRootMismatch
{{- end }}
seccompProfile: {type: RuntimeDefault}
{{- end }}

{{/* Environment of a container: (dict "env" … "secretEnv" …). What is in Secrets comes first: a value may refer to it. */}}
{{- define "app-service.env" -}}
{{- if or .env .secretEnv }}
env:
  {{- range $name, $source := .secretEnv }}
  - name: {{ $name | quote }}
    valueFrom:
      secretKeyRef:
        name: {{ $source.secret | quote }}
        key: {{ $source.key | quote }}
  {{- end }}
  {{- range $name, $value := .env }}
  - name: {{ $name | quote }}
    value: {{ $value | quote }}
  {{- end }}
{{- end }}
{{- end }}

{{/* A probe: gRPC is asked at a number, which the port's name stands for. (dict "root" $ "kind" … "probe" …) */}}
{{- define "app-service.probe" -}}
{{- $probe := .probe }}
{{- with $probe.grpc }}
{{- $port := index $.root.Values.ports .port }}
{{- if not $port }}
{{- fail (printf "probes.%s.grpc.port: %q is not one of the ports" $.kind .port) }}
{{- end }}
{{- $probe = mergeOverwrite (deepCopy $probe) (dict "grpc" (dict "port" (int $port.port))) }}
{{- end }}
{{- with $probe.httpGet }}
{{- if not (hasKey $.root.Values.ports .port) }}
{{- fail (printf "probes.%s.httpGet.port: %q is not one of the ports" $.kind .port) }}
{{- end }}
{{- end }}
{{- toYaml $probe }}
{{- end }}

{{/* Containers that end before the service starts, one after another. */}}
{{- define "app-service.init-containers" -}}
{{- range .Values.initContainers }}
{{ include "app-service.task-container" (dict "root" $ "name" .name "task" . "kinds" (list "scratch" "files" "claim")) }}
{{- end }}
{{- end }}

{{/* Containers beside the service's own. */}}
{{- define "app-service.sidecars" -}}
{{- range $name, $container := .Values.containers }}
- name: {{ $name | quote }}
  image: {{ $container.image | quote }}
  imagePullPolicy: {{ $.Values.image.pullPolicy }}
  {{- with $container.command }}
  command: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $container.args }}
  args: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with include "app-service.env" (dict "env" $container.env "secretEnv" $container.secretEnv) | trim }}
  {{- . | nindent 2 }}
  {{- end }}
  resources: {{- toYaml ($container.resources | default $.Values.resources) | nindent 4 }}
  securityContext: {{- include "app-service.hardening" $ | nindent 4 }}
  volumeMounts:
    - {name: tmp, mountPath: /tmp}
{{- end }}
{{- end }}
