import { expect, test } from 'vitest';
import { offered } from '../../activities/ssh/algorithms.js';
import { weakAlgorithms, type WeakAlgorithm } from '../../model/inventory/weak-algorithms.js';

const names = (weak: readonly WeakAlgorithm[]): string[] => Object.values(offered([], weak)).flat() as string[];

test('strong algorithms alone are offered, and beside them the very ones that an inventory lets in', () => {
  const weak = Object.keys(weakAlgorithms) as WeakAlgorithm[];
  expect(names([]).filter((name) => /sha1|cbc|md5|chacha20|-etm@|ssh-(rsa|dss)$/.test(name))).toEqual([]);
  for (const one of weak) expect(names([one]).filter((name) => weak.includes(name as WeakAlgorithm))).toEqual([one]);
  expect(offered([], ['aes128-cbc']).cipher).toEqual([...(offered([]).cipher as string[]), 'aes128-cbc']);
});
