/**
 * A live region at the bottom of a terminal: the last lines are rewritten in place, everything
 * written above them scrolls as usual. Only for terminals; a pipe gets plain lines elsewhere.
 *
 * Only changed lines are rewritten, inside a synchronized update (DEC mode 2026), so that nothing
 * flickers over a slow link.
 */

import type { TextStream } from '../command-module.ts';

const ESC = '\u001B';
const HIDE_CURSOR = `${ESC}[?25l`;
const SHOW_CURSOR = `${ESC}[?25h`;
const BEGIN_UPDATE = `${ESC}[?2026h`;
const END_UPDATE = `${ESC}[?2026l`;
const ERASE_LINE = `${ESC}[K`;
const ERASE_BELOW = `${ESC}[J`;

/** A live region. */
export interface Painter {
  /** Shows these lines in the region; each must be narrower than the terminal. */
  paint(lines: readonly string[]): void;
  /** Writes lines that stay, above the region. */
  print(text: string): void;
  /** Takes the region away and shows the cursor again. */
  clear(): void;
}

/** Opens a region on the stream. */
export function makePainter(stream: TextStream): Painter {
  let shown: readonly string[] = [];
  const up = (lines: number): string => (lines > 0 ? `${ESC}[${lines}A` : '');
  const draw = (lines: readonly string[]): string =>
    lines.map((line) => `${line}${ERASE_LINE}\n`).join('');
  return {
    paint(lines) {
      if (lines.length === shown.length) {
        const changes = lines
          .map((line, at) => (line === shown[at] ? '\n' : `${line}${ERASE_LINE}\n`))
          .join('');
        stream.write(`${BEGIN_UPDATE}${HIDE_CURSOR}${up(shown.length)}\r${changes}${END_UPDATE}`);
      } else {
        stream.write(
          `${BEGIN_UPDATE}${HIDE_CURSOR}${up(shown.length)}\r${ERASE_BELOW}${draw(lines)}${END_UPDATE}`,
        );
      }
      shown = lines;
    },
    print(text) {
      stream.write(
        `${BEGIN_UPDATE}${up(shown.length)}\r${ERASE_BELOW}${text}${draw(shown)}${END_UPDATE}`,
      );
    },
    clear() {
      stream.write(`${up(shown.length)}\r${ERASE_BELOW}${SHOW_CURSOR}`);
      shown = [];
    },
  };
}

/** Parts of a full block, one eighth each. */
const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'] as const;

/** A bar of the width, filled by the fraction (0 to 1). */
export function bar(fraction: number, width: number): string {
  const units = Math.round(Math.min(1, Math.max(0, fraction)) * width * 8);
  const whole = Math.floor(units / 8);
  const part = EIGHTHS[units % 8] ?? '';
  return '█'.repeat(whole) + part + '░'.repeat(width - whole - (part === '' ? 0 : 1));
}
