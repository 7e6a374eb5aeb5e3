import { describe, expect, it } from 'vitest';
import { parseAttributes } from '../../lab/attributes.js';
import { linkOf, overlaps } from '../../lab/network.js';
import { parseSockets } from '../../lab/ports.js';

const tcp = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:18EB 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1
   1: 0B015A0A:0016 FE015A0A:C350 01 00000000:00000000 00:00000000 00000000     0        0 2 1
`;
const tcp6 = `  sl  local_address                         remote_address                        st
   0: 00000000000000000000000000000000:0016 00000000000000000000000000000000:0000 0A
   1: 00000000000000000000000001000000:18EB 00000000000000000000000000000000:0000 0A
`;

describe('What the machine tells of a host', () => {
  it('names the ports that are listened to, and no connection', () => {
    expect(parseSockets(tcp, 'tcp')).toEqual(['tcp 127.0.0.1:6379']);
    expect(parseSockets(tcp6, 'tcp')).toEqual(['tcp [::]:22', 'tcp [::1]:6379']);
  });

  it('names extended attributes, of files with blanks and accents in their names too', () => {
    const listed = '# file: /a/b c\nuser.one=0x31\nuser.two=0x\n\n# file: /a/\\303\\251\nuser.one=0x32\n';
    expect([...parseAttributes(listed)]).toEqual([
      ['/a/b c', { 'user.one': '0x31', 'user.two': '0x' }],
      ['/a/é', { 'user.one': '0x32' }],
    ]);
  });
});

describe('The network of a lab', () => {
  it('keeps clear of every route that has an address of it', () => {
    const taken = ['10.90.1.0/24', '10.90.1.7', '10.90.0.0/16', '10.0.0.0/8'];
    expect(taken.filter((route) => overlaps(route, '10.90.1.0/24'))).toEqual(taken);
    expect(overlaps('10.90.2.0/24', '10.90.1.0/24')).toBe(false);
  });

  it('has a link of at most 15 characters, whatever its name', () => {
    const names = ['lab', 'a-name-of-a-lab-that-is-31-long', 'a-name-of-a-lab-that-is-31-lonh'];
    const links = names.map(linkOf);
    expect(links.every((link) => link.length <= 15)).toBe(true);
    expect(new Set(links).size).toBe(3);
  });
});
