/** Raised when the program breaks its own rules: a bug, never the world's doing. Ends with exit code 70. */
export class AssertionError extends Error {
  override readonly name = 'AssertionError';
}

/** Stops the program when a condition that must hold does not. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new AssertionError(message);
}

/** Returns the value, or stops the program when it is missing although it must be there. */
export function required<T>(value: T | null | undefined, what: string): T {
  if (value === null || value === undefined) throw new AssertionError(`missing: ${what}`);
  return value;
}

/** Closes an exhaustive `switch`: the compiler refuses a union member that was forgotten. */
export function unreachable(value: never): never {
  throw new AssertionError(`unreachable: ${JSON.stringify(value)}`);
}
