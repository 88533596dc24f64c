/**
 * Remedies that are safe to hand over as T-SQL: what is changed, as data.
 *
 * A rule says what would mend its finding; the text is built in `sql/statement/fix-statement.ts` and
 * only ever written to a file (`assess --fix-script`), never sent. Safe means: it loses no data, breaks
 * no session that does its work, needs no value that only a person knows, and can be undone.
 */

/** One change. Names are as the catalog holds them, without brackets. */
export type FixChange =
  | {
      /** `ALTER DATABASE ... SET <option>`. */
      readonly kind: 'database-option';
      readonly database: string;
      readonly option: FixDatabaseOption;
    }
  | {
      /** `ALTER ENDPOINT ... STATE = STARTED`. */
      readonly kind: 'start-endpoint';
      readonly endpoint: string;
    }
  | {
      /** `sp_configure`, then `RECONFIGURE`. */
      readonly kind: 'configuration';
      readonly name: FixConfiguration;
      readonly value: number;
    };

/** What `ALTER DATABASE ... SET` is given; all of them take effect at once and can be set back. */
export type FixDatabaseOption =
  | 'RECOVERY FULL'
  | 'AUTO_CLOSE OFF'
  | 'AUTO_SHRINK OFF'
  | 'PAGE_VERIFY CHECKSUM';

/** Options that take effect with RECONFIGURE, need no restart and open nothing to anybody. */
export type FixConfiguration =
  | 'backup compression default'
  | 'contained database authentication'
  | 'cost threshold for parallelism'
  | 'max degree of parallelism'
  | 'optimize for ad hoc workloads';

/** What mends one finding. */
export interface Fix {
  /** Instance that the statements are for, as the migration file names it. */
  readonly instance: string;
  /** In the order they have to run. */
  readonly changes: readonly FixChange[];
}
