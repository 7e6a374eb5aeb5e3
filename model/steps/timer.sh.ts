import { fileState } from './file-state.sh.js';

/**
 * A timer is its two unit files, whether it starts with the host, and whether it waits now. The stamp by which
 * systemd knows when a persistent timer last ran is no part of its state, but goes with a timer that goes.
 *
 * Argument of every script: the name of both units.
 */
const timerState = `${fileState}
name=$1
service=/etc/systemd/system/$name.service timer=/etc/systemd/system/$name.timer
stamp=/var/lib/systemd/timers/stamp-$name.timer
systemd() { [ -d /run/systemd/system ] || refuse 'this host is not run by systemd; use a cron step'; }
enabled() { set -- "$(systemctl is-enabled -- "$name.timer" 2>/dev/null || true)"; printf '%s' "\${1:-not-found}"; }
active() { set -- "$(systemctl is-active -- "$name.timer" 2>/dev/null || true)"; printf '%s' "$1"; }
`;

/** Saves both units, and puts them into `content` in the form in which the worker makes new ones. */
export const captureTimer = `${timerState}
if [ -n "\${BELAY_SAVE:-}" ]; then
  systemd
  for unit in timer service; do
    from=$(systemctl show --property=FragmentPath --value -- "$name.$unit")
    case $from in '' | "/etc/systemd/system/$name.$unit") ;; *) refuse "$name.$unit is there already, in $from" ;; esac
  done
  [ "$(enabled)" != masked ] || refuse "$name.timer is masked"
  save "$service" service
  save "$timer" timer
  [ ! -e "$stamp" ] || : >"$BELAY_SAVE/stamped"
  cd "$BELAY_SAVE"
  touch service.bytes timer.bytes
  [ ! -f service ] || cat service >service.bytes
  [ ! -f timer ] || cat timer >timer.bytes
  { wc -c <service.bytes; cat service.bytes timer.bytes; echo "$(enabled) $(active)"; } >content
fi
printf '%s; %s; %s %s\\n' "$(image "$service")" "$(image "$timer")" "$(enabled)" "$(active)"
`;

/** Prints both units in the form in which the worker makes new ones. */
export const showTimer = `${timerState}
systemd
plain "$service"
plain "$timer"
[ -f "$service" ] || [ -f "$timer" ] || exit 44
there() { [ ! -f "$1" ] || cat -- "$1"; }
there "$service" | wc -c
there "$service"
there "$timer"
echo "$(enabled) $(active)"
`;

/** Further arguments: user or nothing, calendar expressions. Standard input: what the worker made of it. */
export const setTimer = `${timerState}
user=$2
shift 2
guard
rm -rf -- "$(stage "$service")"
systemd
plain "$service"
plain "$timer"
[ -z "$user" ] || id -u -- "$user" >/dev/null 2>&1 || refuse "there is no user called $user"
for time in "$@"; do
  systemd-analyze calendar -- "$time" >/dev/null 2>&1 || refuse "systemd does not take \\"$time\\" for a time"
done
now="$(image "$service"); $(image "$timer"); $(enabled) $(active)"
[ "$BELAY_ATTEMPT" != 1 ] || [ "$now" = "$BELAY_PRE_IMAGE" ] || refuse "$name.timer has changed since it was captured"
cat >"$BELAY_TASK/units"
[ "$(digest "$BELAY_TASK/units")" = "$BELAY_STDIN_SHA256" ] || refuse 'the units did not arrive whole'
{ IFS= read -r length; head -c "$length" >"$BELAY_TASK/service"; sed '$d' >"$BELAY_TASK/timer"; } <"$BELAY_TASK/units"
replace "$service" root root 0644 0644 <"$BELAY_TASK/service"
replace "$timer" root root 0644 0644 <"$BELAY_TASK/timer"
systemctl daemon-reload
systemctl --quiet enable -- "$name.timer"
systemctl restart -- "$name.timer"
`;

/** Whether both files are those that were made, and systemd has read them and waits. */
export const verifyTimer = `${timerState}
systemd
no() { echo "$1" >&2; exit 1; }
[ "$(digest "$service")" = "$(digest "$BELAY_TASK/service")" ] || no "$service has another content"
[ "$(digest "$timer")" = "$(digest "$BELAY_TASK/timer")" ] || no "$timer has another content"
for unit in service timer; do
  [ "$(systemctl show --property=NeedDaemonReload --value -- "$name.$unit")" = no ] || no "systemd has not read $name.$unit"
done
[ "$(enabled)" = enabled ] || no "$name.timer does not start with the host: it is $(enabled)"
[ "$(active)" = active ] || no "$name.timer does not wait: it is $(active)"
`;

/** Both units, enabled or not, waiting or not, as before. A run of the command that has begun is left to end. */
export const restoreTimer = `${timerState}
was=\${BELAY_PRE_IMAGE##*; }
[ "$(active)" != active ] || systemctl stop -- "$name.timer"
[ "$(enabled)" != enabled ] || systemctl --quiet disable -- "$name.timer"
restore "$timer" timer
restore "$service" service
systemctl daemon-reload
[ -e "$BELAY_PRE/stamped" ] || rm -f -- "$stamp"
case $was in enabled*) systemctl --quiet enable -- "$name.timer" ;; esac
case $was in *' active') systemctl start -- "$name.timer" ;; *' failed') ;; *) systemctl reset-failed -- "$name.timer" 2>/dev/null || true ;; esac
rm -f -- "$BELAY_TASK/units" "$BELAY_TASK/service" "$BELAY_TASK/timer"
`;
