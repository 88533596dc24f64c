/** `sqlferry demo`: a whole migration in the lab, with an application writing, and the proof. */

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { formatUtc } from '../../base/utc.ts';
import { ExitCode } from '../../model/problem.ts';
import { flagOption, textOption } from '../command-module.ts';
import type { CliContext, Command, CommandInput } from '../command-module.ts';
import { demoPresets, runDemo } from '../demo/demo.ts';
import type { DemoOptions, DemoOutcome } from '../demo/demo.ts';
import { count, counted, duration, padTo } from '../output/format.ts';
import { jsonLine } from '../output/json.ts';
import { humanStream, reportProblem, say, styleOf } from '../output/report.ts';

/** Seeds are short enough to be typed from a screen. */
const SEED_LIMIT = 1_000_000;

/** The command. */
export const command: Command = {
  name: 'demo',
  summary: 'a whole migration in the lab, with an application writing, and the proof',
  options: [
    { flags: '--preset <name>', help: 'servers of the lab', fallback: 'standalone' },
    { flags: '--seed <number>', help: 'seed of the application, printed at the start' },
    { flags: '--dir <dir>', help: 'folder for its files (default: a temporary one)' },
    { flags: '--keep', help: 'leave the lab running and the files for you to look at' },
  ],
  async run(context, input) {
    const preset = textOption(input, 'preset') ?? 'standalone';
    if (demoPresets[preset] === undefined) {
      return reportProblem(context, {
        code: 'SF-CLI-003',
        summary: `The demo has no preset ${preset}.`,
        because: [`Its presets: ${Object.keys(demoPresets).join(', ')}.`],
        remedy: 'sqlferry demo --preset standalone',
      });
    }
    const seed = readSeed(context, input);
    if (seed === null) {
      return reportProblem(context, {
        code: 'SF-CLI-008',
        summary: '--seed is not a whole number.',
        because: [],
        remedy: 'sqlferry demo --seed 42',
      });
    }
    const folder = openFolder(input);
    const keep = flagOption(input, 'keep');
    try {
      return await demo(context, { folder, preset, seed, keep });
    } finally {
      if (keep) {
        say(context, `Files: ${folder}`);
        say(
          context,
          `The lab runs on; it ends with: sqlferry lab down --dir ${join(folder, 'lab')}`,
        );
      } else rmSync(folder, { recursive: true, force: true });
    }
  },
};

function readSeed(context: CliContext, input: CommandInput): number | null {
  const text = textOption(input, 'seed');
  if (text === null) return Math.floor(context.random.next() * SEED_LIMIT);
  return /^\d{1,9}$/u.test(text) ? Number(text) : null;
}

function openFolder(input: CommandInput): string {
  const named = textOption(input, 'dir');
  if (named === null) return mkdtempSync(join(tmpdir(), 'sqlferry-demo-'));
  mkdirSync(named, { recursive: true });
  return resolve(named);
}

async function demo(context: CliContext, options: DemoOptions): Promise<ExitCode> {
  const style = styleOf(context);
  const started = context.clock.monotonic();
  say(context, `${style.strong('sqlferry demo')}  ${style.faint(`seed ${options.seed}`)}`);
  const outcome = await runDemo(context, options);
  if (context.signal.aborted) {
    return reportProblem(
      context,
      {
        code: 'SF-CLI-005',
        summary: 'The demo was stopped; its application and its lab are gone.',
        because: [],
        remedy: `sqlferry demo --seed ${options.seed}`,
      },
      'events',
    );
  }
  if (!outcome.ok) return reportProblem(context, outcome.error, 'events');
  showProof(context, outcome.value, context.clock.monotonic() - started);
  const { proof, cutover } = outcome.value;
  const isWhole = proof.missing.length === 0 && proof.doubled.length === 0;
  if (context.globals.json) {
    context.io.stdout.write(
      jsonLine({
        kind: 'result',
        at: formatUtc(context.clock.now()),
        message: isWhole ? 'Every acknowledged row is on the target.' : 'Rows differ.',
        ...cutover,
        outcome: isWhole ? 'done' : 'problem',
        acknowledged: proof.acknowledged,
        rows: proof.rows,
        lostCommits: proof.missing.length,
        doubledCommits: proof.doubled.length,
        longestGapMs: Math.round(outcome.value.longestGapMs),
        seed: options.seed,
      }),
    );
  }
  if (isWhole) {
    showNext(context, options.preset);
    return ExitCode.done;
  }
  const some = [...proof.missing.slice(0, 5), ...proof.doubled.slice(0, 5)];
  return reportProblem(
    { ...context, globals: { ...context.globals, json: false } },
    {
      code: 'SF-DEMO-001',
      summary: `${counted(proof.missing.length, 'acknowledged order')} missing on the target, ${proof.doubled.length} doubled.`,
      because: some.map((id) => `web_order_id ${id}`),
      remedy: `sqlferry demo --keep --seed ${options.seed}`,
    },
  );
}

function showProof(context: CliContext, outcome: DemoOutcome, elapsedMs: number): void {
  const { proof, cutover } = outcome;
  const style = styleOf(context);
  const verdict = (bad: number): string => (bad === 0 ? style.good('0') : style.bad(String(bad)));
  const trips =
    cutover.serialRoundTrips === undefined
      ? ''
      : `  ${style.faint(counted(cutover.serialRoundTrips, 'serial round trip'))}`;
  const lines: readonly (readonly [string, string])[] = [
    ['orders acknowledged', style.strong(count(proof.acknowledged))],
    ['missing on the target', verdict(proof.missing.length)],
    ['there twice', verdict(proof.doubled.length)],
    ['rows on the target', count(proof.rows)],
    ['outage', `${style.strong(duration(cutover.outageMs ?? 0))}${trips}`],
    [
      'longest pause',
      `${duration(outcome.longestGapMs)}  ${style.faint('between two orders, as the application saw it')}`,
    ],
    ['whole demo', duration(elapsedMs)],
  ];
  say(
    context,
    `\n${style.accent(padTo('Proof', 12))} ${style.faint('the ledger of the application against the rows of the target')}`,
  );
  for (const [label, value] of lines) say(context, `  ${padTo(label, 22)} ${value}`);
}

function showNext(context: CliContext, preset: string): void {
  const style = styleOf(context);
  const commands: readonly (readonly [string, string])[] = [
    [`npx sqlferry lab up --preset ${preset} --dir lab`, 'start the servers for yourself'],
    ['npx sqlferry assess -f lab/sqlferry.yaml', 'in a second terminal; then plan, migrate'],
    ['npx sqlferry status --watch -f lab/sqlferry.yaml', 'watch both sides while it happens'],
  ];
  const stream = humanStream(context);
  say(context, `\n${style.accent('Next')}`);
  const widest = Math.max(...commands.map(([text]) => text.length));
  for (const [text, why] of commands) {
    const room = stream.columns > widest + why.length + 6;
    say(context, room ? `  ${padTo(text, widest)}  ${style.faint(why)}` : `  ${text}`);
  }
}
