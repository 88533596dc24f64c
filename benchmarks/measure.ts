/** Numbers and lines shared by the benchmarks. */

/** Middle value; of an even count the lower of the two. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN;
}

/** Prints one result: what, its figure, what it is compared with, the ratio. */
export function line(what: string, figure: string, against: string, ratio: number): void {
  process.stdout.write(
    `  ${what.padEnd(44)} ${figure.padStart(14)}   ${against.padEnd(42)} ratio ${ratio.toFixed(2)}\n`,
  );
}
