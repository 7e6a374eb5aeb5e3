import { backup } from './backup.js';
import { certificate } from './certificate.js';
import { collectLines } from './collect.lines.js';
import { collectValues } from './collect.values.js';
import { command } from './command.js';
import { cron } from './cron.js';
import { directory } from './directory.js';
import { edit } from './edit.js';
import { file } from './file.js';
import { firewall } from './firewall.js';
import { hostsFile } from './hosts_file.js';
import { http } from './http.js';
import { keystore } from './keystore.js';
import type { StepKind } from './kind.js';
import { ldapEntry } from './ldap.entry.js';
import { ldapJson } from './ldap.json.js';
import { ldapModify } from './ldap.modify.js';
import { ldapSchema } from './ldap.schema.js';
import { ldapSearch } from './ldap.search.js';
import { ldapWait } from './ldap.wait.js';
import { note } from './note.js';
import { packageKind } from './package.js';
import { port } from './port.js';
import { secretPromote } from './secret.promote.js';
import { service } from './service.js';
import { shell } from './shell.js';
import { sql } from './sql.js';
import { timer } from './timer.js';
import { transfer } from './transfer.js';
import { user } from './user.js';
import { wait } from './wait.js';

/** Every kind of step there is. The language, its JSON Schema and its reference are derived from this list. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- each kind has arguments of its own
export const kinds: readonly StepKind<any>[] = [
  backup,
  certificate,
  collectLines,
  collectValues,
  command,
  cron,
  directory,
  edit,
  file,
  firewall,
  hostsFile,
  http,
  keystore,
  ldapEntry,
  ldapJson,
  ldapModify,
  ldapSchema,
  ldapSearch,
  ldapWait,
  note,
  packageKind,
  port,
  secretPromote,
  service,
  shell,
  sql,
  timer,
  transfer,
  user,
  wait,
];
