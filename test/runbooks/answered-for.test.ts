import { describe, expect, it } from 'vitest';
import { answeredForRunning } from './answered-for.js';

const container = '/opt/gluu-server-3.1.6';

describe('What somebody has to answer for after an undo, of servers that run', () => {
  it.each([
    'opt/opendj/db/userRoot/00000000.jdb',
    'opt/opendj/db/site/je.stat.csv',
    'opt/opendj/changelogDb/1.dom/13373.server/head.log',
    'opt/opendj/logs/ldap-access.audit.json',
    'opt/gluu/jetty/oxauth/logs/oxauth.log',
    'tmp/hsperfdata_ldap/516',
  ])('is not %s, which they write by themselves', (file) => {
    expect(answeredForRunning([`node1 file changed ${container}/${file}`])).toEqual([]);
  });

  it.each([
    'opt/opendj/config/config.ldif',
    'opt/opendj/db/userRoot/00000000.jdb.before',
    'opt/opendj/logs/errors',
    'etc/gluu/conf/ox-ldap.properties',
    'install/community-edition-setup/shared.sha256',
    'opt/gluu/jetty/oxauth/conf/oxauth.log.xml',
  ])('is %s', (file) => {
    const line = `node1 file changed ${container}/${file}`;
    expect(answeredForRunning([line])).toEqual([line]);
  });

  it('is not what csync2 has seen in its passes', () => {
    expect(answeredForRunning(['node1 file changed /var/lib/csync2/node1.lab.test.db3'])).toEqual([]);
  });

  it('is such a file elsewhere than in a container', () => {
    const line = 'node1 file changed /var/log/apache2/error.log';
    expect(answeredForRunning([line])).toEqual([line]);
  });
});
