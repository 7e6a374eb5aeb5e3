#!/bin/sh
# Runs once, when the database folder is empty: one account a program, each with its own databases.
set -eu
psql --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
  --set belay="$BELAY_POSTGRES_PASSWORD" --set temporal="$TEMPORAL_POSTGRES_PASSWORD" <<'SQL'
CREATE ROLE belay LOGIN PASSWORD :'belay';
CREATE ROLE temporal LOGIN PASSWORD :'temporal';
CREATE DATABASE belay OWNER belay;
CREATE DATABASE temporal OWNER temporal;
CREATE DATABASE temporal_visibility OWNER temporal;
SQL
