import { createCipheriv } from 'node:crypto';

/** As Gluu's own programs hide a password, by another implementation of triple DES than the runbook's. @param salt - 24 characters */
export function hidden(password: string, salt: string): string {
  const cipher = createCipheriv('des-ede3-ecb', salt, null);
  return cipher.update(password, 'utf8', 'base64') + cipher.final('base64');
}
