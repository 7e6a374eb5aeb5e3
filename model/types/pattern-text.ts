import { z } from 'zod';
import { patternTrouble } from '../pattern.js';

/** An RE2 pattern as runbooks write one. */
export const patternText = z
  .string()
  .max(500)
  .superRefine((written, context) => {
    const trouble = patternTrouble(written);
    if (trouble !== undefined)
      context.addIssue({
        code: 'custom',
        message: `this is no RE2 pattern: ${trouble}; RE2 knows neither look-around nor back references`,
      });
  });
