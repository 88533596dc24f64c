/** Chance as an argument. */
export interface Random {
  /** A number in [0, 1). */
  next(): number;
  /** A random (version 4) GUID in upper case. */
  guid(): string;
}
