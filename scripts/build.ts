/** Makes `dist/`: JavaScript for a published package, which Node does not strip types for, and the JSON Schema. */

import { execFileSync } from 'node:child_process';
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const root = new URL('..', import.meta.url).pathname;
rmSync(join(root, 'dist'), { recursive: true, force: true });
execFileSync(process.execPath, [join(root, 'scripts/generate.ts')], { stdio: 'inherit' });
execFileSync(join(root, 'node_modules/.bin/tsc'), ['-p', 'tsconfig.build.json'], {
  cwd: root,
  stdio: 'inherit',
});
cpSync(join(root, 'schema'), join(root, 'dist/schema'), { recursive: true });
process.stdout.write('dist/ is written\n');
