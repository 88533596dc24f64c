/** Versions of MS-TDS and what a client of each understands (MS-TDS 1.7, 2.2.6.4). */

/** What the version of the login decides about requests and responses. */
export interface Dialect {
  /** As LOGINACK carries it, big endian there. */
  readonly version: number;
  /** 7.2: ALL_HEADERS, 4-byte user type and line, 8-byte row count, `max` types, xml, transaction descriptors. */
  readonly since72: boolean;
  /** 7.3: date, time, datetime2, datetimeoffset. */
  readonly since73: boolean;
  /** 7.3B: NBCROW. */
  readonly since73b: boolean;
  /** 7.4: FEATUREEXT, routing. */
  readonly since74: boolean;
}

/** Version of TDS 8.0 (strict). */
export const TDS_8_0 = 0x08000000;

/** Dialects by name. */
export const DIALECTS = {
  '7.1': { version: 0x71000001, since72: false, since73: false, since73b: false, since74: false },
  '7.2': { version: 0x72090002, since72: true, since73: false, since73b: false, since74: false },
  '7.3A': { version: 0x730a0003, since72: true, since73: true, since73b: false, since74: false },
  '7.3B': { version: 0x730b0003, since72: true, since73: true, since73b: true, since74: false },
  '7.4': { version: 0x74000004, since72: true, since73: true, since73b: true, since74: true },
  '8.0': { version: TDS_8_0, since72: true, since73: true, since73b: true, since74: true },
} as const satisfies Record<string, Dialect>;

/** The dialect to speak with a client that asks for a version; undefined for 7.0 and older. */
export function dialectFor(version: number): Dialect | undefined {
  if (version === TDS_8_0) return DIALECTS['8.0'];
  const unsigned = version >>> 0;
  if (unsigned >= 0x74000000) return DIALECTS['7.4'];
  if (unsigned >= 0x730b0000) return DIALECTS['7.3B'];
  if (unsigned >= 0x73000000) return DIALECTS['7.3A'];
  if (unsigned >= 0x72000000) return DIALECTS['7.2'];
  if (unsigned >= 0x71000000) return DIALECTS['7.1'];
  return undefined;
}
