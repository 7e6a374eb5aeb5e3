import { describe, expect, it } from 'vitest';
import { inTurn, otherThanLiving } from './living.js';

const drained =
  '-    server 10.0.0.1:443 max_fails=2 down; -      return 200 "node1 10.0.0.1 drained; node2 10.0.0.2;";';
const taken = '+    server 10.0.0.1:443 max_fails=2; +      return 200 "node1 10.0.0.1; node2 10.0.0.2;";';
const conf = 'balancer file changed /etc/nginx/nginx.conf';

describe('what a living cluster has otherwise', () => {
  it.each([
    ['a node that gets requests again', `${conf} ${drained} ${taken}`, true],
    [
      'a node that gets none any more',
      `${conf} ${taken.replaceAll(/\+(?= )/g, '-')} ${drained.replaceAll(/-(?= )/g, '+')}`,
      false,
    ],
    ['another address', `${conf} ${drained} ${taken.replaceAll('10.0.0.1', '10.0.0.3')}`, false],
    ['another file', `${conf.replace('nginx.conf', 'gluu-proposed.conf')} ${drained} ${taken}`, false],
  ])('tells %s', (_what, one, is) => {
    expect(inTurn(one)).toBe(is);
  });
});

it('passes over an init script that has another number only', () => {
  const links = ['removed /etc/rc2.d/K01stunnel4', 'added /etc/rc2.d/K02stunnel4', 'added /etc/rc2.d/S01stunnel4'];
  expect(otherThanLiving(links.map((one) => `node3 file ${one}`))).toEqual(['node3 file added /etc/rc2.d/S01stunnel4']);
});

it('passes over the ports of a listener that has ended by itself, and over no other', () => {
  const listener = 'node1 process removed uid 0: perl -e use strict; belay-gluu-ports 300 10.0.0.1 1636 4444';
  const ports = ['node1 port removed tcp 10.0.0.1:1636', 'node1 port removed tcp 10.0.0.1:4444'];
  const others = [
    'node1 port removed tcp 10.0.0.1:443',
    'node2 port removed tcp 10.0.0.1:1636',
    'node1 port added tcp 10.0.0.1:1636',
  ];
  expect(otherThanLiving([listener, ...ports, ...others])).toEqual(others);
  expect(otherThanLiving(ports)).toEqual(ports);
});
