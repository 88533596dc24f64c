/**
 * Something read from a server, or the reason why it could not be read.
 *
 * An unknown fact is not an absent thing: "no row" is a known value, "not allowed to look" is not.
 * An unknown fact never satisfies the precondition of an act (INV-11).
 */
export type Fact<T> = { readonly known: true; readonly value: T } | Unknown;

/** Why something could not be read. */
export interface Unknown {
  readonly known: false;
  readonly because: string;
  /** Statement or step that makes it readable, where one is known: mostly a GRANT. */
  readonly remedy?: string;
}

/** A fact that was read. */
export function known<T>(value: T): Fact<T> {
  return { known: true, value };
}

/** A fact that could not be read, with the reason in words for a person. */
export function unknown(because: string, remedy?: string): Unknown {
  return remedy === undefined ? { known: false, because } : { known: false, because, remedy };
}

/** All of the facts at once, or the reason of the first that could not be read. */
export function together<F extends Readonly<Record<string, Fact<unknown>>>>(
  facts: F,
): Fact<{ readonly [K in keyof F]: Extract<F[K], { known: true }>['value'] }> {
  const values: Record<string, unknown> = {};
  for (const [name, fact] of Object.entries(facts)) {
    if (!fact.known) return fact;
    values[name] = fact.value;
  }
  // Every name has just been given the value of its own fact.
  return known(values as { [K in keyof F]: Extract<F[K], { known: true }>['value'] });
}
