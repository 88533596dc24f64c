/** Certificates of endpoints: the own one, and the public parts of those of the peers. */

/** A certificate as far as the handshake looks at it; times in milliseconds since 1970 UTC. */
export interface EndpointCertificate {
  /** SHA-1 of the encoded certificate, lower-case hexadecimal. */
  readonly thumbprint: string;
  readonly startAt: number;
  readonly expiresAt: number;
}

/** The public part of a peer's certificate, and whose login stands behind it here. */
export interface TrustedCertificate extends EndpointCertificate {
  /** Lower-case login of the user that owns the certificate in master. */
  readonly account: string;
}
