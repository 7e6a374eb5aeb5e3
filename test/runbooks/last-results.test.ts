import { describe, expect, it } from 'vitest';
import { joined, pageOf, resultsOn, type LastResult } from './last-results.js';

const made = { revision: '0123456789ab', day: '2026-11-26' };
const restart: LastResult = { file: 'gluu-restart', test: 'loses no request', ended: 'passed', seconds: 41, ...made };
const cache: LastResult = { file: 'gluu-cache', test: 'goes back', ended: 'failed', seconds: 12, ...made };

describe('how the tests of the runbooks last ended', () => {
  it('is on a page that can be read again', () => {
    expect(resultsOn(pageOf([cache, restart], []))).toEqual([cache, restart]);
    expect(pageOf([cache, restart], [])).toContain('1 of 2 tests passed');
  });

  it('is said to be missing of a file that has not run', () => {
    expect(pageOf([restart], ['gluu-cache', 'gluu-restart'])).toMatch(/## Not run yet\n\n- gluu-cache\n$/);
    expect(resultsOn(pageOf([restart], ['gluu-cache']))).toEqual([restart]);
  });

  it('is forgotten for a file that is run again, and for no other', () => {
    const again = { ...cache, test: 'goes back whole', ended: 'passed at try 2' };
    expect(joined([cache, restart], [again])).toEqual([again, restart]);
  });

  it('has files in the order of their names, and tests in that of their file', () => {
    const second = { ...cache, test: 'another' };
    expect(joined([restart], [cache, second])).toEqual([cache, second, restart]);
  });
});
