import { expect, it } from 'vitest';
import { readSettings } from '../../apps/worker/settings.js';

it('asks a lost host no longer than the activity lasts that asks', () => {
  const asked = (seconds: string) =>
    readSettings({ BELAY_DATABASE_URL: 'postgres://db', BELAY_OUTCOME_SECONDS: seconds }).BELAY_OUTCOME_SECONDS;
  expect(asked('900')).toBe(900);
  expect(() => asked('1201')).toThrow(/BELAY_OUTCOME_SECONDS/);
});
