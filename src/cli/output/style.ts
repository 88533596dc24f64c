/** Colours with a meaning; without colour the words alone must carry it. */

import { styleText } from 'node:util';

/** Paints text by meaning. */
export interface Style {
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly careful: (text: string) => string;
  readonly strong: (text: string) => string;
  readonly faint: (text: string) => string;
  readonly accent: (text: string) => string;
}

/** A style that writes escape codes, or one that leaves text as it is. */
export function makeStyle(color: boolean): Style {
  const paint =
    (format: Parameters<typeof styleText>[0]) =>
    (text: string): string =>
      color ? styleText(format, text, { validateStream: false }) : text;
  return {
    good: paint('green'),
    bad: paint(['red', 'bold']),
    careful: paint('yellow'),
    strong: paint('bold'),
    faint: paint('dim'),
    accent: paint('cyan'),
  };
}
