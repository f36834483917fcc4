{{/* Where a container finds volumes: (dict "root" $ "kinds" (list "scratch" …)). Secret files are always there. */}}
{{- define "app-service.mounts" -}}
- {name: tmp, mountPath: /tmp}
{{- range $name, $mount := .root.Values.secretMounts }}
- {name: {{ $name }}, mountPath: {{ $mount.path }}, readOnly: true}
{{- end }}
{{- range $name, $volume := .root.Values.volumes }}
{{- range $kind := $.kinds }}
{{- if hasKey $volume $kind }}
- {name: {{ $name }}, mountPath: {{ $volume.path }}{{ if eq $kind "files" }}, readOnly: true{{ end }}}
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{/* The same volumes, as the pod has them. */}}
{{- define "app-service.volumes" -}}
- name: tmp
  emptyDir: {}
{{- range $name, $mount := .root.Values.secretMounts }}
- name: {{ $name }}
  secret:
    secretName: {{ $mount.secret }}
    items:
      {{- range $key, $file := $mount.items }}
      - {key: {{ $key | quote }}, path: {{ $file | quote }}}
      {{- end }}
{{- end }}
{{- range $name, $volume := .root.Values.volumes }}
{{- if and (has "scratch" $.kinds) (hasKey $volume "scratch") }}
- name: {{ $name }}
  emptyDir:
    sizeLimit: {{ $volume.scratch.size }}
    {{- if $volume.scratch.memory }}
    medium: Memory
    {{- end }}
{{- else if and (has "files" $.kinds) (hasKey $volume "files") }}
- name: {{ $name }}
  configMap: {name: {{ $.root.Release.Name }}.{{ $name }}}
{{- else if and (has "claim" $.kinds) (hasKey $volume "claim") }}
- name: {{ $name }}
  persistentVolumeClaim: {claimName: {{ $.root.Release.Name }}.{{ $name }}}
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
