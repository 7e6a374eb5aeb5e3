#!/bin/sh
# Brings both of Temporal's databases to the schema of this release; harmless when they are already there.
set -eu
for database in temporal visibility; do
  name=temporal
  [ "$database" = temporal ] || name=temporal_visibility
  tool() { temporal-sql-tool --db "$name" "$@"; }
  tool setup-schema -v 0.0 || echo "schema of $name is there already"
  tool update-schema -d "/etc/temporal/schema/postgresql/v12/$database/versioned"
done
