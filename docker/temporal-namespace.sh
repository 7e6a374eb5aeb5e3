#!/bin/sh
# Makes the namespace, or sets how long it keeps closed workflows.
set -eu
temporal operator namespace create --namespace default --retention 30d ||
  temporal operator namespace update --namespace default --retention 30d
