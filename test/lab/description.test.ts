import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { readDescription, type Description } from '../../lab/description.js';

const wrong = parse(readFileSync('test/cases/lab/descriptions.yaml', 'utf8')) as {
  it: string;
  description: Description;
  says: string;
}[];

describe('The description of a lab', () => {
  it('is complete in the one of the demonstration, with its files found beside it', async () => {
    const read = await readDescription('lab/descriptions/demo.yaml');
    expect(Object.keys(read.hosts)).toEqual(['cache', 'node1', 'node2', 'directory']);
    expect(read.directory?.tree).toMatch(/^\/.*\/lab\/descriptions\/appliance\.ldif$/);
  });

  it.each(['gluu', 'gluu-pair'])('has a balancer under the public name, and nodes to add, in %s', async (name) => {
    const read = await readDescription(`lab/descriptions/${name}.yaml`);
    expect(read.hosts.balancer?.fqdn).toBe('login.lab.test');
    expect(read.groups.spare?.filter((host) => read.groups.nodes?.includes(host))).toEqual([]);
  });

  for (const { it: sentence, description, says } of wrong)
    it(`is refused where it ${sentence}`, async () => {
      await expect(readDescription(description)).rejects.toThrow(says);
    });

  it('is refused with its name where it cannot be read', async () => {
    await expect(readDescription('lab/no-such.yaml')).rejects.toThrow('lab/no-such.yaml cannot be read');
  });
});
