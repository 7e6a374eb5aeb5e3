import { expect, it } from 'vitest';
import { anewFrom, leftToEarlier } from './left.js';

const filled = { steps: ['join.node2.filled', 'sign_in.servers'], host: 'node1' };
const entries = (host: string): string[] => [
  `${host} directory o=gluu objectClass`,
  `${host} directory ou=people,o=site ou`,
];

it('leaves entries of a node that was filled to the phase that has kept its files', () => {
  const { other, left } = leftToEarlier(filled, [...entries('node2'), 'node2 directory cn=config ds-cfg-port']);
  expect(left).toBe('node2: its entries come back with its files');
  expect(other).toEqual(['node2 directory cn=config ds-cfg-port']);
});

it('leaves nothing of the source, of two nodes, or by another step', () => {
  const [one, two] = [entries('node1'), [...entries('node2'), ...entries('node3')]];
  expect(leftToEarlier(filled, one)).toEqual({ other: one });
  expect(leftToEarlier(filled, two)).toEqual({ other: two });
  expect(leftToEarlier({ ...filled, steps: ['join.enabled'] }, entries('node2'))).toEqual({ other: entries('node2') });
});

it('leaves files that another node has won over to the phases that have kept them and set up csync2', () => {
  const forced = { steps: ['copy.csync2.forced'], host: 'node1' };
  const won = ['opt/gluu-server-3.1.6/opt/shibboleth-idp/metadata/idp-metadata.xml', 'var/backups/csync2/opt'];
  const files = won.map((path) => `node2 file changed /${path}`);
  const { other, left } = leftToEarlier(forced, [...files, 'node2 file changed /etc/csync2.cfg']);
  expect(left).toBe('node2: its files come back with what was kept of them, and copies of them with csync2');
  expect(other).toEqual(['node2 file changed /etc/csync2.cfg']);
});

it('leaves grant and token of a sign-in on every node to the set-up of Gluu, where taking it away has failed', () => {
  const removed = { steps: ['verify_first_login.node2.removed'], host: 'node1' };
  const grants = ['node1', 'node2'].map((host) => `${host} directory oxAuthGrantId=one,ou=clients,o=gluu objectClass`);
  const token = 'node1 directory uniqueIdentifier=a1,oxAuthGrantId=one,ou=clients,o=gluu objectClass';
  const { other, left } = leftToEarlier(removed, [...grants, token, 'node1 directory ou=people,o=gluu ou']);
  expect(left).toBe('the grant of a sign-in goes with what Gluu was set up with');
  expect(other).toEqual(['node1 directory ou=people,o=gluu ou']);
});

it('tries the grant of a second sign-in again from the removal of its token', () => {
  expect(anewFrom('verify_login.node1.grant')).toBe('verify_login.node1.removed');
  expect(anewFrom('verify_login.node1.grant_behind')).toBeUndefined();
});
