// cspell:words changenumberindex vhosts

/** Logs of what a test asked for, what Debian's packages leave when they are purged, and the order of init scripts. */
const left =
  /\/var\/log\/(nginx\/access\.log|apt)$|\/debconf\/\w+\.dat-old$|\/var\/www(\/html(\/index\.nginx-debian\.html)?)?$|\/\.depend\.(boot|start|stop) /;

/** Differences from a mark that somebody would have to answer for. */
export const answeredFor = (differences: readonly string[]): string[] => differences.filter((one) => !left.test(one));

/** Files of a Gluu container that its servers write while they run, whatever a runbook does. */
const live = [
  String.raw`opt/opendj/db/\w+/(je\.stat\.csv|[0-9a-f]{8}\.jdb)`,
  String.raw`opt/opendj/changelogDb/(\d+\.dom/\d+\.server|changenumberindex)/head\.log`,
  String.raw`opt/opendj/logs/(access|replication|ldap-access\.audit\.json)`,
  String.raw`opt/gluu/jetty/(oxauth/logs/oxauth|identity/logs/oxtrust)\.log`,
  String.raw`opt/shibboleth-idp/logs/idp-process\.log`,
  String.raw`tmp/hsperfdata_(jetty|ldap)/\d+`,
  String.raw`var/log/apache2/(error|other_vhosts_access)\.log`,
];
const written = new RegExp(String.raw`^\w+ file \w+ /opt/gluu-server-[\d.]+/(${live.join('|')})$`);
/** The same of servers beside it: what csync2's passes have seen, what nginx could not reach, what Redis and chrony keep. */
const beside =
  /^\w+ file (added|changed) \/var\/(lib\/(csync2\/[\w.-]+\.db3|redis\/dump\.rdb|chrony\/chrony\.drift)|log\/(nginx\/error|redis\/redis-server)\.log)$/;

/**
 * The same of servers that have run all the while: their logs, counters and data files are left out. What the directory
 * holds is to be asked of the directory, see `entriesHeld`.
 */
export const answeredForRunning = (differences: readonly string[]): string[] =>
  answeredFor(differences).filter((one) => !written.test(one) && !beside.test(one));
