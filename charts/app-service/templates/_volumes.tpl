{{/* Where a container finds volumes: (dict "root" $ "kinds" (list "scratch" …)). Secret files are always there. */}}
{{- define "app-service.mounts" -}}
- {name: tmp, mountPath: /tmp}
{{- range $name, $mount := .root.Values.secretMounts }}
- {name: {{ $name | quote }}, mountPath: {{ $mount.path | quote }}, readOnly: true}
{{- end }}
{{- range $name, $volume := .root.Values.volumes }}
{{- range $kind := $.kinds }}
{{- if hasKey $volume $kind }}
- {name: {{ $name | quote }}, mountPath: {{ $volume.path | quote }}{{ if eq $kind "files" }}, readOnly: true{{ end }}}
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{/* The same volumes, as the pod has them. */}}
{{- define "app-service.volumes" -}}
- name: tmp
  emptyDir: {}
{{- range $name, $mount := .root.Values.secretMounts }}
- name: {{ $name | quote }}
  secret:
    secretName: {{ $mount.secret | quote }}
    items:
      {{- range $key, $file := $mount.items }}
      - {key: {{ $key | quote }}, path: {{ $file | quote }}}
      {{- end }}
{{- end }}
{{- range $name, $volume := .root.Values.volumes }}
{{- if and (has "scratch" $.kinds) (hasKey $volume "scratch") }}
- name: {{ $name | quote }}
  emptyDir:
    sizeLimit: {{ $volume.scratch.size }}
    {{- if $volume.scratch.memory }}
    medium: Memory
    {{- end }}
{{- else if and (has "files" $.kinds) (hasKey $volume "files") }}
- name: {{ $name | quote }}
  configMap: {name: {{ printf "%s.%s" $.root.Release.Name $name | quote }}}
{{- else if and (has "claim" $.kinds) (hasKey $volume "claim") }}
- name: {{ $name | quote }}
  persistentVolumeClaim: {claimName: {{ printf "%s.%s" $.root.Release.Name $name | quote }}}
{{- end }}
{{- end }}
{{- end }}

{{/* "true" where a volume is a claim, which one pod alone can have. */}}
{{- define "app-service.claims" -}}
{{- range $volume := .Values.volumes }}{{ if hasKey $volume "claim" }}true{{ end }}{{ end }}
{{- end }}

{{/* What changes whenever a file does. */}}
{{- define "app-service.files-checksum" -}}
{{- $files := dict }}
{{- range $name, $volume := .Values.volumes }}
{{- if hasKey $volume "files" }}
{{- $_ := set $files $name $volume.files }}
{{- end }}
{{- end }}
{{- if $files }}{{ toJson $files | sha256sum }}{{ end }}
{{- end }}
