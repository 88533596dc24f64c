/** The standalone preset in this process, reached over TCP and TLS like any server. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../src/adapters/clock.ts';
import { loadMigration, type LoadedMigration } from '../src/adapters/config/load-migration.ts';
import { systemRandom } from '../src/adapters/random.ts';
import { startLab, type Lab } from '../src/lab/lab.ts';
import { standalonePreset } from '../src/lab/preset/standalone.ts';
import type { JournalEntry } from '../src/ports/journal.ts';
import type { Journal } from '../src/ports/journal.ts';

/** A lab with the way to it. */
export interface Rig extends AsyncDisposable {
  readonly lab: Lab;
  readonly loaded: LoadedMigration;
}

/** Starts it; dispose of it to stop. */
export async function startRig(): Promise<Rig> {
  const directory = mkdtempSync(join(tmpdir(), 'sqlferry-bench-'));
  const lab = await startLab({
    definition: standalonePreset,
    directory,
    addresses: { kind: 'ports', basePort: 0 },
    clock: systemClock,
    random: systemRandom,
    onBug: (error) => {
      throw error instanceof Error ? error : new Error(String(error));
    },
    settings: { seedingMs: 300 },
  });
  const read = loadMigration({ path: join(directory, 'sqlferry.yaml'), env: {} });
  if (!read.ok) throw new Error(JSON.stringify(read.error));
  return {
    lab,
    loaded: read.value,
    async [Symbol.asyncDispose]() {
      await lab.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** A journal that forgets when the program ends. */
export function memoryJournal(): Journal {
  const entries: JournalEntry[] = [];
  return { append: (entry) => entries.push(entry), entries: () => entries, close: () => undefined };
}
