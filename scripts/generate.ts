/**
 * Writes what is derived from the code: the JSON Schema of the migration file, the problem catalogue,
 * the rule tables. With `--check` it writes nothing and fails when a file differs.
 */

import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { migrationJsonSchema } from '../src/adapters/config/schema.ts';
import { problemsPage } from './page/problems.ts';
import { rulesPage } from './page/rules.ts';
import { statesPage } from './page/states.ts';
import { waitingPage } from './page/waiting.ts';

const root = new URL('..', import.meta.url).pathname;

/** Path from the root -> content before formatting. */
const PAGES: Readonly<Record<string, () => string>> = {
  'schema/sqlferry.schema.json': () =>
    `${JSON.stringify({ $id: 'https://sqlferry.dev/schema/sqlferry.schema.json', title: 'sqlferry migration file', ...Object(migrationJsonSchema()) }, null, 2)}\n`,
  'docs/problems.md': problemsPage,
  'docs/rules.md': rulesPage,
  'docs/states.md': statesPage,
  'docs/waiting.md': waitingPage,
};

/** The content as the formatter leaves it, so that `format` and `generate` agree. */
function formatted(path: string, content: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'sqlferry-generate-'));
  const file = join(folder, path.split('/').at(-1) ?? 'page');
  writeFileSync(file, content);
  writeFileSync(join(folder, '.oxfmtrc.json'), readFileSync(join(root, '.oxfmtrc.json')));
  execFileSync(join(root, 'node_modules/.bin/oxfmt'), [file], { cwd: folder, stdio: 'ignore' });
  const result = readFileSync(file, 'utf8');
  rmSync(folder, { recursive: true });
  return result;
}

const check = process.argv.includes('--check');
let stale = 0;
for (const [path, make] of Object.entries(PAGES)) {
  const target = join(root, path);
  const content = formatted(path, make());
  if (existsSync(target) && readFileSync(target, 'utf8') === content) continue;
  if (check) {
    stale += 1;
    process.stderr.write(`${path} differs from the code; run: npm run gen\n`);
    continue;
  }
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, content);
  process.stdout.write(`wrote ${path}\n`);
}
process.exit(stale === 0 ? 0 : 1);
