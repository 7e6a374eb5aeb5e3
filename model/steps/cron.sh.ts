import { fileState } from './file-state.sh.js';

/**
 * The file that cron reads: $path, with the owner, group and mode that cron asks for. A crontab is written where
 * crontab(1) keeps it, in one rename, so that every byte of it can be put back; cron sees it by its folder's time.
 *
 * Arguments of every script: `file` or `crontab`, name, user.
 */
const cronState = `${fileState}
place=$1 name=$2 user=$3 owner=root group=root mode=0644
case $place in
  file) path=/etc/cron.d/$name ;;
  crontab)
    owner=$user group=$(id -gn -- "$user" 2>/dev/null) || group=''
    mode=0600
    if [ -d /var/spool/cron/crontabs ]; then path=/var/spool/cron/crontabs/$user
    else path=/var/spool/cron/$user
    fi
    ! grep -q '^crontab:' /etc/group || group=crontab ;;
esac
# Cron passes over jobs of users that are not there.
known() { id -u -- "$user" >/dev/null 2>&1 || refuse "there is no user called $user"; }
`;

/** Saves what is there, and as `content` what the job is put into. */
export const captureCron = `${cronState}
if [ -n "\${BELAY_SAVE:-}" ]; then
  known
  [ -d "\${path%/*}/" ] || refuse "\${path%/*} does not exist: this host has no cron that reads it"
  save "$path" file
  if [ -f "$path" ]; then cp -- "$path" "$BELAY_SAVE/content"; else : >"$BELAY_SAVE/content"; fi
fi
image "$path"
echo
`;

/** Prints what the job would be put into. */
export const showCron = `${cronState}
known
[ -d "\${path%/*}/" ] || refuse "\${path%/*} does not exist: this host has no cron that reads it"
plain "$path"
[ -f "$path" ] || exit 44
cat -- "$path"
`;

/** Standard input: the content. */
export const setCron = `${cronState}
guard
rm -rf -- "$(stage "$path")"
plain "$path"
known
[ "$(image "$path")" = "$BELAY_PRE_IMAGE" ] || { [ -f "$path" ] && [ "$(digest "$path")" = "$BELAY_STDIN_SHA256" ]; } ||
  refuse "$path has changed since it was captured"
replace "$path" "$owner" "$group" "$mode" "$mode" "$BELAY_STDIN_SHA256"
`;

export const checkCron = `${cronState}
known
plain "$path"
[ -f "$path" ] || { echo "$path does not exist" >&2; exit 1; }
[ "$(digest "$path")" = "$BELAY_STDIN_SHA256" ] || { echo "$path has another content" >&2; exit 1; }
dressed "$path" "$owner" "$group" "$mode" || { echo "$path has another owner, group or mode: cron would pass over it" >&2; exit 1; }
`;

export const restoreCron = `${cronState}
restore "$path" file
`;
