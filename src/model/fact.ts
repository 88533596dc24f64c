/**
 * Something read from a server, or the reason why it could not be read.
 *
 * An unknown fact is not an absent thing: "no row" is a known value, "not allowed to look" is not.
 * An unknown fact never satisfies the precondition of an act (INV-11).
 */
export type Fact<T> =
  | { readonly known: true; readonly value: T }
  | { readonly known: false; readonly because: string };

/** A fact that was read. */
export function known<T>(value: T): Fact<T> {
  return { known: true, value };
}

/** A fact that could not be read, with the reason in words for a person. */
export function unknown(because: string): Fact<never> {
  return { known: false, because };
}
