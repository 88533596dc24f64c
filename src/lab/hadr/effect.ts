/** What the engine asks the world to do. Effects are carried out in order, before the next event. */

import type { Lsn } from '../../base/lsn.ts';
import type { HadrTimer } from './event.ts';
import type { PayloadReference } from './log.ts';
import type { HadrMessage } from './message.ts';

/** A SQL Server error or information; the text comes from the lab's message table. */
export interface EngineError {
  readonly number: number;
  readonly parameters: readonly (string | number)[];
  /** 1 unless a real server was seen with another. */
  readonly state?: number;
}

/** An effect. */
export type HadrEffect =
  /** Deliver after the delay, in order per direction. `bytes` is the size on the wire. */
  | {
      readonly kind: 'send';
      readonly from: string;
      readonly to: string;
      readonly message: HadrMessage;
      readonly delayMs: number;
      readonly bytes: number;
    }
  | { readonly kind: 'timer'; readonly timer: HadrTimer; readonly delayMs: number }
  | {
      readonly kind: 'statement-ended';
      readonly request: number;
      readonly error: EngineError | null;
    }
  | { readonly kind: 'inform'; readonly request: number; readonly message: EngineError }
  | { readonly kind: 'commit-refused'; readonly commit: number; readonly error: EngineError }
  | {
      readonly kind: 'commit-hardened';
      readonly commit: number;
      readonly lsn: Lsn;
      readonly waits: boolean;
    }
  /** End of a commit that waited; `lost`: the client gets no answer. */
  | {
      readonly kind: 'commit-ended';
      readonly commit: number;
      readonly outcome: 'acknowledged' | 'lost';
    }
  | {
      readonly kind: 'redo' | 'undo';
      readonly instance: string;
      readonly database: string;
      readonly payload: PayloadReference;
      readonly lsn: Lsn;
    }
  /** End every session that is in the database; open transactions roll back. */
  | { readonly kind: 'cut-sessions'; readonly instance: string; readonly database: string }
  | { readonly kind: 'create-store'; readonly instance: string; readonly database: string }
  | { readonly kind: 'drop-store'; readonly instance: string; readonly database: string }
  /** Copy the committed content now; kept under the operation. */
  | {
      readonly kind: 'take-image';
      readonly operation: string;
      readonly instance: string;
      readonly database: string;
    }
  | {
      readonly kind: 'install-image';
      readonly operation: string;
      readonly instance: string;
      readonly database: string;
    }
  | { readonly kind: 'discard-image'; readonly operation: string }
  /** Error log of an instance. */
  | { readonly kind: 'log'; readonly instance: string; readonly error: EngineError };
