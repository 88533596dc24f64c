/** Settings and properties of one instance, as `assess` compares both sides. */

/** One option of `sys.configurations`. */
export interface SettingFacts {
  readonly name: string;
  /** Written with sp_configure. */
  readonly value: number;
  /** In force now. */
  readonly valueInUse: number;
}

/** `SERVERPROPERTY` of what decides who may connect and which features are installed; null when not shown. */
export interface PropertyFacts {
  readonly isIntegratedSecurityOnly: boolean | null;
  readonly isSingleUser: boolean | null;
  readonly isFullTextInstalled: boolean | null;
  readonly isPolyBaseInstalled: boolean | null;
}

/** One row of `DBCC TRACESTATUS (-1)`. */
export interface TraceFlagFacts {
  readonly flag: number;
  readonly isGlobal: boolean;
}

/** The parts of this family. */
export interface SettingParts {
  /** Every option of `sys.configurations`. */
  readonly settings: readonly SettingFacts[];
  readonly properties: PropertyFacts;
  readonly traceFlags: readonly TraceFlagFacts[];
}
