import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { withPinnedKeys } from '../../apps/cli/hosts/pin-keys.js';

describe('pinning the keys of a host', () => {
  const around = (host: string): string =>
    `# Who is who.\nhosts:\n  # The first one.\n${host}  beta: {address: 192.0.2.2} # last\ngroups: { all_of_them: [alpha,beta] }\n`;
  const layouts: [string, string, string][] = [
    [
      'written in one line',
      '  alpha: { address: 192.0.2.1, host_keys: [], port: 22 } # here\n',
      '  alpha: { address: 192.0.2.1, host_keys: ["ssh-ed25519 CCCC"], port: 22 } # here\n',
    ],
    [
      'in one line, without any',
      '  alpha: { address: 192.0.2.1 }\n',
      '  alpha: { host_keys: ["ssh-ed25519 CCCC"], address: 192.0.2.1 }\n',
    ],
    [
      'written in lines',
      '  alpha:\n    address: 192.0.2.1\n    host_keys:\n      - ssh-rsa DDDD\n      - ssh-rsa EEEE\n    port: 22\n',
      '  alpha:\n    address: 192.0.2.1\n    host_keys:\n      ["ssh-ed25519 CCCC"]\n    port: 22\n',
    ],
    [
      'in lines, without any',
      '  alpha:\n    # Its address.\n    address: 192.0.2.1\n',
      '  alpha:\n    # Its address.\n    host_keys: ["ssh-ed25519 CCCC"]\n    address: 192.0.2.1\n',
    ],
  ];

  it.each(layouts)('changes nothing else of an inventory: %s', (_, before, after) => {
    const pinned = withPinnedKeys(around(before), 'alpha', ['ssh-ed25519 CCCC']);
    expect(pinned).toBe(around(after));
    expect((parse(pinned) as { hosts: { alpha: object } }).hosts.alpha).toMatchObject({
      address: '192.0.2.1',
      host_keys: ['ssh-ed25519 CCCC'],
    });
  });

  it('is refused for a host that the file does not write out', () => {
    expect(() => withPinnedKeys(around(''), 'gamma', ['ssh-ed25519 CCCC'])).toThrow(
      /does not write out the host gamma/,
    );
  });
});
