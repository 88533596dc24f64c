/** The tool's own memory between runs: a hint for people and for politeness, never the truth. */

/** One line of the journal. */
export interface JournalEntry {
  /** ISO 8601 UTC. */
  readonly at: string;
  /** `intent` before an act is sent, `outcome` after it, `note` for the rest. */
  readonly kind: 'intent' | 'outcome' | 'note';
  readonly rule: string;
  readonly message: string;
  /** Plain data; never holds a secret. */
  readonly data: Readonly<Record<string, unknown>>;
}

/** Append-only store of one migration. */
export interface Journal {
  /** Returns after the entry is on disk. */
  append(entry: JournalEntry): void;
  /** All entries in order. */
  entries(): readonly JournalEntry[];
  close(): void;
}
