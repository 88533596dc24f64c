/**
 * The entry of the program: options, signals, exit codes. The only place that wires.
 *
 * Only what `--version` and `--help` need is loaded before the command is known.
 */

import { enableCompileCache } from 'node:module';

import { readVersion } from './version.ts';

enableCompileCache();

const argv = process.argv.slice(2);
if (argv[0] === '--version' || argv[0] === '-V') {
  const versions = { sqlferry: readVersion(), node: process.versions.node };
  const text = argv.includes('--json') ? JSON.stringify(versions) : versions.sqlferry;
  process.stdout.write(`${text}\n`);
} else {
  const { runProgram } = await import('./program.ts');
  const code = await runProgram(argv, readVersion()).catch(bug);
  await Promise.all([written(process.stdout), written(process.stderr)]);
  process.exit(code);
}

/** Resolves when everything was handed to the reader: an exit would cut off what a pipe has not taken yet. */
function written(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((done) => {
    // A reader that is gone takes nothing more; that is no reason to stay.
    stream.once('error', () => done());
    stream.write('', () => done());
  });
}

/** Whatever gets here is our own mistake: say so, with what helps to mend it. Answers exit code 70. */
function bug(error: unknown): number {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(
    `sqlferry stopped because of a mistake in sqlferry itself (SF-BUG-001).\n` +
      `Nothing was sent to a server after this point; "sqlferry status" shows where both sides are.\n\n${text}\n`,
  );
  return 70;
}
