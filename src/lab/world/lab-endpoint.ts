/** One instance as its listener sees it. */

import type {
  ClientLink,
  EncryptionOffer,
  LabEndpoint,
  LoginOutcome,
  LoginRequest,
} from '../session.ts';
import { serverMessage } from '../tsql/message.ts';
import { stateOf } from './instance-parts.ts';
import type { LabInstance } from './lab-instance.ts';
import { logIn } from './login.ts';

/** The endpoint of an instance, with the faults of its clients' network. */
export class InstanceEndpoint implements LabEndpoint {
  readonly serverName: string;
  readonly version: LabEndpoint['version'];
  encryption: EncryptionOffer;
  readonly #instance: LabInstance;
  readonly #callbacks = new Set<() => void>();
  #delayMs = 0;
  #blackHole = false;

  constructor(instance: LabInstance) {
    const { major, minor, build } = instance.parts.definition.version;
    this.#instance = instance;
    this.serverName = instance.serverName;
    this.version = { major, minor, build };
    this.encryption = instance.parts.definition.encryption;
  }

  login(request: LoginRequest): Promise<LoginOutcome> {
    const { parts } = this.#instance;
    if (!stateOf(parts).up)
      return Promise.resolve({ kind: 'refused', messages: [serverMessage(6005)] });
    return Promise.resolve(logIn(parts, this.#instance, request));
  }

  link(): ClientLink {
    if (!stateOf(this.#instance.parts).up) return { delayMs: this.#delayMs, state: 'refuse' };
    return { delayMs: this.#delayMs, state: this.#blackHole ? 'black-hole' : 'open' };
  }

  onLinkChanged(callback: () => void): () => void {
    this.#callbacks.add(callback);
    return () => this.#callbacks.delete(callback);
  }

  /** Delay of every chunk between clients and this instance, each way. */
  setDelay(delayMs: number): void {
    this.#delayMs = delayMs;
  }

  /** Bytes of clients vanish, nothing is closed. */
  setBlackHole(on: boolean): void {
    this.#blackHole = on;
    this.linkChanged();
  }

  /** Tells the listeners that `link()` says something else now. */
  linkChanged(): void {
    for (const callback of this.#callbacks) callback();
  }
}
