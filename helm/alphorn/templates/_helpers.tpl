{{- define "alphorn.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "alphorn.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 53 | trimSuffix "-" }}
{{- else if contains (include "alphorn.name" .) .Release.Name }}
{{- .Release.Name | trunc 53 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name (include "alphorn.name" .) | trunc 53 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{- define "alphorn.selector" -}}
app.kubernetes.io/name: {{ include "alphorn.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: server
{{- end }}

{{- define "alphorn.labels" -}}
{{ include "alphorn.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end }}

{{- define "alphorn.serviceAccount" -}}
{{- if .Values.serviceAccount.create }}
{{- default (include "alphorn.fullname" .) .Values.serviceAccount.name }}
{{- else }}
{{- default "default" .Values.serviceAccount.name }}
{{- end }}
{{- end }}

{{- define "alphorn.image" -}}
{{- if .Values.image.digest }}
{{- printf "%s@%s" .Values.image.repository .Values.image.digest }}
{{- else }}
{{- printf "%s:%s" .Values.image.repository (default .Chart.AppVersion .Values.image.tag) }}
{{- end }}
{{- end }}

{{- define "alphorn.claim" -}}
{{- default (printf "%s-models" (include "alphorn.fullname" .)) .Values.models.claim.existing }}
{{- end }}

{{- define "alphorn.kind" -}}
{{- ternary "StatefulSet" "Deployment" (eq .Values.models.source "perReplica") }}
{{- end }}

{{- define "alphorn.readOnlyModels" -}}
{{- if or .Values.models.readOnly (eq .Values.models.source "image") (eq .Values.models.claim.accessMode "ReadOnlyMany") }}true{{ end }}
{{- end }}

{{/* Whether more than one pod can be there, other than while one replaces another. */}}
{{- define "alphorn.several" -}}
{{- if or .Values.autoscaling.enabled (gt (int .Values.replicas) 1) }}true{{ end }}
{{- end }}

{{/* A volume for one node can be held by one pod at a time only: the old one goes before the new one comes. */}}
{{- define "alphorn.exclusive" -}}
{{- if and (eq .Values.models.source "claim") (hasPrefix "ReadWriteOnce" .Values.models.claim.accessMode) }}true{{ end }}
{{- end }}

{{/* A pod that ends serves on for the delay, then finishes its requests, then models that load; 10 s are spare. */}}
{{- define "alphorn.gracePeriod" -}}
{{- add .Values.drain.delaySeconds (include "alphorn.drainTimeout" . | int) .Values.drain.loadSeconds 10 }}
{{- end }}

{{/* Longer than the longest request, so that each gets its answer. */}}
{{- define "alphorn.drainTimeout" -}}
{{- add .Values.server.requestTimeoutSeconds 5 }}
{{- end }}

{{/* alphorn.api.max-waiting is ALPHORN_API_MAX_WAITING in the environment. */}}
{{- define "alphorn.environmentName" -}}
{{- regexReplaceAll "[^A-Za-z0-9]" . "_" | upper }}
{{- end }}

{{/* Values that would make something that cannot work. */}}
{{- define "alphorn.check" -}}
{{- if and (include "alphorn.several" .) (include "alphorn.exclusive" .) }}
{{- fail (printf "models.claim.accessMode %s lets one replica only use the volume: ask for ReadWriteMany, or take another models.source" .Values.models.claim.accessMode) }}
{{- end }}
{{- if and (eq .Values.models.source "image") (not .Values.models.image.reference) }}
{{- fail "models.source is image: models.image.reference has to name the image that holds the models" }}
{{- end }}
{{- if and .Values.autoscaling.enabled (not (or .Values.autoscaling.cpu .Values.autoscaling.queueDepth)) }}
{{- fail "autoscaling needs a target: autoscaling.cpu or autoscaling.queueDepth" }}
{{- end }}
{{- if and .Values.autoscaling.enabled (gt (int .Values.autoscaling.minReplicas) (int .Values.autoscaling.maxReplicas)) }}
{{- fail "autoscaling.minReplicas is more than autoscaling.maxReplicas" }}
{{- end }}
{{- if and .Values.gateway.enabled (not .Values.gateway.parentRefs) }}
{{- fail "gateway.parentRefs has to name the Gateway that takes the routes" }}
{{- end }}
{{- end }}
