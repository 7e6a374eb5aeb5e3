# Starts the container of the package NAME, and has it start with the host.
set -eu
if [ -x "/etc/init.d/$NAME" ]; then
  # It may have been told not to start, when the node left its cluster.
  ! command -v update-rc.d >/dev/null || update-rc.d "$NAME" enable
  set -- "/etc/init.d/$NAME"
else set -- "/sbin/gluu-serverd-${NAME#gluu-server-}"; "$@" enable; fi
"$@" start </dev/null >"$BELAY_TASK/said" 2>&1 || { cat "$BELAY_TASK/said" >&2; exit 1; }
