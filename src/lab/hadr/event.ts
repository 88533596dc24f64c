/** Everything that can happen to the simulated servers. Time and chance come in here and nowhere else. */

import type { Lsn } from '../../base/lsn.ts';
import type {
  AvailabilityGroupStatement,
  DatabaseStatement,
  EndpointStatement,
} from '../tsql/ast.ts';
import type { EndpointCertificate, TrustedCertificate } from './endpoint-certificate.ts';
import type { PayloadReference } from './log.ts';
import type { HadrMessage } from './message.ts';
import type {
  DatabaseStateName,
  DatabaseState,
  HadrSettings,
  HadrSwitches,
  InstanceState,
  RecoveryFork,
} from './state.ts';

/** Statements the engine runs. */
export type HadrStatement =
  | AvailabilityGroupStatement
  | EndpointStatement
  | Extract<DatabaseStatement, { readonly kind: 'alter-database-hadr' }>;

/** A timer the engine asked for. */
export type HadrTimer =
  /** Pings, timeouts and reconnecting of one side of a DAG. */
  | {
      readonly kind: 'tick';
      readonly instance: string;
      readonly incarnation: number;
      readonly group: string;
    }
  /** RESOLVING to PRIMARY. */
  | {
      readonly kind: 'promote';
      readonly instance: string;
      readonly incarnation: number;
      readonly group: string;
    }
  /** RECOVERING to ONLINE. */
  | {
      readonly kind: 'recovered';
      readonly instance: string;
      readonly incarnation: number;
      readonly database: string;
    }
  | {
      readonly kind: 'redo';
      readonly instance: string;
      readonly incarnation: number;
      readonly database: string;
    }
  /** Undo of a divergent tail. */
  | {
      readonly kind: 'revert';
      readonly instance: string;
      readonly incarnation: number;
      readonly group: string;
      readonly database: string;
      readonly to: Lsn;
    }
  | {
      readonly kind: 'seed-chunk';
      readonly instance: string;
      readonly incarnation: number;
      readonly group: string;
      readonly database: string;
      readonly operation: string;
    }
  | {
      readonly kind: 'seed-retry';
      readonly instance: string;
      readonly incarnation: number;
      readonly group: string;
      readonly database: string;
    };

/** What a new instance is made of. */
export type NewInstance = Pick<
  InstanceState,
  'serverName' | 'hostNames' | 'version' | 'edition' | 'domain' | 'serviceAccount' | 'hadrEnabled'
> & {
  /** Windows cluster this host is a node of; absent: none. */
  readonly cluster?: string | null;
};

/** What a new database is made of. */
export interface NewDatabase {
  readonly name: string;
  readonly recoveryModel: DatabaseState['recoveryModel'];
  readonly fullBackupTaken: boolean;
  readonly sizeBytes: number;
  readonly owner: string;
  /** Two random GUIDs: family and first recovery fork. */
  readonly familyId: string;
  readonly forkId: string;
}

/** A database that RESTORE brings in. */
export interface RestoredDatabase {
  readonly name: string;
  readonly state: Extract<DatabaseStateName, 'ONLINE' | 'RESTORING'>;
  readonly recoveryModel: DatabaseState['recoveryModel'];
  readonly sizeBytes: number;
  readonly owner: string;
  readonly familyId: string;
  readonly forks: readonly RecoveryFork[];
  readonly position: Lsn;
  readonly totalBytes: number;
  /** The log chain of the backups goes on; absent: it does not. */
  readonly fullBackupTaken?: boolean;
  readonly lastLogBackupLsn?: Lsn | null;
  /** Older format of a database that is not recovered yet; absent: that of the server. */
  readonly formatMajor?: number | undefined;
}

/** An event; `at` is the time in milliseconds since 1970 UTC and never goes back. */
export type HadrEvent = { readonly at: number } & (
  | { readonly kind: 'add-instance'; readonly instance: NewInstance }
  | { readonly kind: 'add-database'; readonly instance: string; readonly database: NewDatabase }
  | {
      readonly kind: 'restore-database';
      readonly instance: string;
      readonly database: RestoredDatabase;
    }
  | { readonly kind: 'drop-database'; readonly instance: string; readonly database: string }
  /** Options outside availability groups; the caller has checked that they are allowed. */
  | {
      readonly kind: 'set-database';
      readonly instance: string;
      readonly database: string;
      readonly options: Partial<
        Pick<
          DatabaseState,
          | 'recoveryModel'
          | 'userAccess'
          | 'readOnly'
          | 'autoClose'
          | 'sizeBytes'
          | 'fullBackupTaken'
        >
      >;
    }
  /** BACKUP DATABASE or LOG has ended; `hold` keeps the log for a manual seeding. */
  | {
      readonly kind: 'backup';
      readonly instance: string;
      readonly database: string;
      readonly what: 'database' | 'log';
      readonly copyOnly: boolean;
    }
  /** Who may connect to the endpoint has changed; lower-case accounts. */
  | {
      readonly kind: 'endpoint-accounts';
      readonly instance: string;
      readonly accounts: readonly string[];
    }
  /** The certificates that count at the handshake have changed. */
  | {
      readonly kind: 'endpoint-certificates';
      readonly instance: string;
      readonly own: EndpointCertificate | null;
      readonly trusted: readonly TrustedCertificate[];
    }
  /** A statement; `request` comes back in `statement-ended`; `salt` is where random GUIDs come from: never used twice. */
  | {
      readonly kind: 'statement';
      readonly request: number;
      readonly instance: string;
      readonly login: string;
      readonly statement: HadrStatement;
      readonly salt: string;
    }
  | {
      readonly kind: 'commit';
      readonly commit: number;
      readonly instance: string;
      readonly database: string;
      readonly payload: PayloadReference;
      readonly bytes: number;
    }
  /** The client of a waiting commit is gone. */
  | {
      readonly kind: 'forget-commit';
      readonly instance: string;
      readonly database: string;
      readonly commit: number;
    }
  | {
      readonly kind: 'deliver';
      readonly from: string;
      readonly to: string;
      readonly message: HadrMessage;
      readonly salt: string;
    }
  | { readonly kind: 'timer'; readonly timer: HadrTimer; readonly salt: string }
  | { readonly kind: 'crash'; readonly instance: string }
  /** Always On comes into force with a start. */
  | { readonly kind: 'restart'; readonly instance: string; readonly hadrEnabled: boolean }
  | {
      readonly kind: 'set-link';
      readonly from: string;
      readonly to: string;
      readonly change: {
        readonly delayMs?: number;
        readonly bytesPerSecond?: number | null;
        readonly cut?: boolean;
      };
    }
  | {
      readonly kind: 'set-redo-rate';
      readonly instance: string;
      readonly bytesPerSecond: number | null;
    }
  /** SET (ROLE = SECONDARY) fails with 41104 this many times more, on every DAG of the instance. */
  | { readonly kind: 'latch-demotions'; readonly instance: string; readonly times: number }
  | { readonly kind: 'set-settings'; readonly settings: Partial<HadrSettings> }
  | { readonly kind: 'set-switches'; readonly switches: Partial<HadrSwitches> }
);
