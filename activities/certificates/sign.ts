/** A certificate authority: its certificate, and the key that signs with it. Both PEM. */
export interface Authority {
  readonly certificate: string;
  readonly key: string;
}

/** What a leaf certificate shall say. Nothing of it is taken from the request. */
export interface CertificateWish {
  /** Domain names and addresses; the first becomes the common name where it fits. */
  readonly names: readonly string[];
  /** 1 to 398. */
  readonly days: number;
  readonly now: Date;
}

/**
 * Signs the key of a certificate request.
 *
 * @param request - PKCS#10, PEM; only its key is used, after its signature has been checked
 * @returns the certificate, PEM, with one line end at its end
 * @throws Failed `step/transform-failed`
 */
export async function signCertificate(_request: string, _authority: Authority, _wish: CertificateWish): Promise<string> {
  throw new Error('not built yet');
}
