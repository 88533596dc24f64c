/** One test endpoint behind a real listener, closed at the end of the test. */

import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';

import { issue, makeAuthority } from '../../src/lab/server/certificate.ts';
import { listen, type LabListener, type ListenerLimits } from '../../src/lab/server/listener.ts';
import type { EncryptionOffer } from '../../src/lab/session.ts';
import { realClock } from './real-clock.ts';
import { WireEndpoint } from './wire-session.ts';

const authority = makeAuthority({ commonName: 'wire test CA', now: realClock.now() });
const certificate = issue(authority, {
  names: ['localhost', 'OnPremNode.contoso.com'],
  addresses: ['127.0.0.1'],
});

/** PEM of the authority behind every test listener. */
export const wireAuthority = authority.certificate;

/** A listener with its endpoint and the bugs it reported. */
export interface WireLab {
  readonly endpoint: WireEndpoint;
  readonly listener: LabListener;
  readonly port: number;
  /** Errors given to `onBug`; the test fails at its end when one was not taken out. */
  readonly bugs: unknown[];
}

/** Starts a listener for one test. */
export async function startWireLab(
  context: TestContext,
  encryption: EncryptionOffer = 'supported',
  limits: Partial<ListenerLimits> = {},
): Promise<WireLab> {
  const endpoint = new WireEndpoint(encryption);
  const bugs: unknown[] = [];
  const listener = await listen({
    endpoint,
    host: '127.0.0.1',
    port: 0,
    clock: realClock,
    certificate: encryption === 'not-supported' ? null : certificate,
    limits,
    onBug: (error) => bugs.push(error),
  });
  context.after(async () => {
    await listener.close();
    assert.deepEqual(bugs, []);
  });
  return { endpoint, listener, port: listener.port, bugs };
}
