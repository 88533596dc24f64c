/**
 * The reports of the assessment against a lab, over TCP and the ordinary driver: the fix script mends what
 * it says, the baseline sees it, waivers count in assess and migrate alike.
 */

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { sqlcmdBatches } from '../support/sqlcmd.ts';
import { startCliLab } from '../support/cli-lab.ts';
import type { CliLab, Ran } from '../support/cli-lab.ts';

const never = new AbortController().signal;
const DATABASES = ['Adventureworks', "O'Brien] x", 'Sales $(PATH)'];

interface Shown {
  readonly verdict: string;
  readonly counts: Readonly<Record<string, number>>;
  readonly findings: readonly {
    readonly id: string;
    readonly outcome: string;
    readonly database: string | null;
    readonly waived: { readonly reason: string } | null;
    readonly fix: { readonly instance: string; readonly sql: string } | null;
  }[];
  readonly baseline?: Readonly<Record<string, readonly { readonly id: string }[]>>;
  readonly waivers: readonly { readonly state: string }[];
}

function shown(ran: Ran): Shown {
  return JSON.parse(ran.stdout) as Shown;
}

async function runOn(
  lab: CliLab,
  side: 'source' | 'target',
  batches: readonly string[],
): Promise<void> {
  const session = await lab.small.session(side);
  for (const text of batches) {
    const answer = await session.execute({ text, parameters: [], limitMs: 20_000, signal: never });
    assert.ok(answer.kind === 'ended', JSON.stringify(answer));
    assert.deepEqual(answer.reply.errors, [], text);
  }
}

const outcomes = (document: Shown, id: string): readonly string[] =>
  document.findings.filter((finding) => finding.id === id).map(({ outcome }) => outcome);

test('reports of the assessment against a lab', async (t) => {
  const lab = await startCliLab(t, { databases: DATABASES });
  const { directory } = lab.small;
  const at = (name: string): string => join(directory, name);
  await runOn(lab, 'source', [
    'ALTER DATABASE [Sales $(PATH)] SET RECOVERY SIMPLE;',
    "ALTER DATABASE [O'Brien]] x] SET AUTO_CLOSE ON;",
    'ALTER DATABASE [Adventureworks] SET AUTO_CLOSE ON;',
  ]);

  await t.test('the files are written, the verdict refuses, and the documents agree', async () => {
    const options = { fixScript: at('fix.sql'), html: at('page.html'), junit: at('junit.xml') };
    const ran = await lab.run('assess', { options });
    assert.equal(ran.code, 4, ran.stderr);
    assert.match(ran.stdout, /^Assessment of [\w-]+: OnPremNode to SQLVM\n\nnot ready/u);
    const json = await lab.run('assess', { json: true });
    assert.equal(json.code, 4);
    writeFileSync(at('before.json'), json.stdout);
    const document = shown(json);
    assert.equal(document.verdict, 'not-ready');
    const errors = document.counts['error'];
    assert.match(readFileSync(at('junit.xml'), 'utf8'), new RegExp(`failures="${errors}"`, 'u'));
    assert.match(readFileSync(at('page.html'), 'utf8'), new RegExp(`<b>${errors}</b> errors`, 'u'));
  });

  await t.test(
    'the fix script runs on the servers and turns its findings into successes',
    async () => {
      const before = shown(await lab.run('assess', { json: true }));
      const fixable = before.findings.filter(({ fix }) => fix !== null);
      assert.ok(fixable.length >= 3, `${fixable.length} findings with a fix`);
      for (const { connect, batches } of sqlcmdBatches(readFileSync(at('fix.sql'), 'utf8')))
        await runOn(lab, connect === 'OnPremNode' ? 'source' : 'target', batches);
      const options = { baseline: at('before.json') };
      const after = shown(await lab.run('assess', { json: true, options }));
      for (const { id, database } of fixable) {
        const now = after.findings.find(
          (finding) => finding.id === id && finding.database === database,
        );
        assert.equal(now?.outcome, 'success', `${id} ${database}`);
      }
      const fixed = (after.baseline?.['fixed'] ?? []).map(({ id }) => id);
      for (const { id } of fixable) assert.ok(fixed.includes(id), id);
      assert.deepEqual(after.baseline?.['new'], []);
      const screen = await lab.run('assess', { options });
      assert.match(screen.stdout, /✓ fixed \(\d+\): DB-AUTO-CLOSE \[/u);
    },
  );

  await t.test('a baseline that is none is refused before a server is asked', async () => {
    writeFileSync(at('broken.json'), '{"findings": [{"id": 1}]}');
    const other = { ...JSON.parse(readFileSync(at('before.json'), 'utf8')), migration: 'other' };
    writeFileSync(at('other.json'), JSON.stringify(other));
    const cases: readonly [string, RegExp][] = [
      ['nothing.json', /cannot be read \(ENOENT\)/u],
      ['broken.json', /findings\[0\]\.id: expected text/u],
      ['other.json', /of the migration other/u],
    ];
    for (const [name, expected] of cases) {
      const ran = await lab.run('assess', { options: { baseline: at(name) } });
      assert.equal(ran.code, 2, ran.stderr);
      assert.match(ran.stderr.replaceAll(/\s+/gu, ' '), expected);
      assert.match(ran.stderr, /SF-CLI-016/u);
    }
  });

  await t.test(
    'the script of a login that may only assess is written without asking a server',
    async () => {
      const options = { leastPrivilege: at('login.sql') };
      const ran = await lab.run('assess', { options });
      assert.deepEqual([ran.code, ran.stderr], [0, '']);
      const script = readFileSync(at('login.sql'), 'utf8');
      assert.match(script, /GRANT VIEW SERVER STATE/u);
      assert.match(script, /\$\(SQLFERRY_ASSESS_PASSWORD\)/u);
      assert.doesNotMatch(
        script,
        new RegExp(lab.small.loaded.connections.source.password.reveal(), 'u'),
      );
    },
  );

  await t.test('a report that cannot be written is a problem with its path', async () => {
    const ran = await lab.run('assess', { options: { html: at('no-folder/page.html') } });
    assert.equal(ran.code, 1);
    assert.match(ran.stderr, /no-folder\/page\.html cannot be written/u);
  });

  await t.test(
    'a waived blocker stays an error, is shown with its reason, and no longer refuses',
    async () => {
      await runOn(lab, 'source', [
        'ALTER DATABASE [Adventureworks] SET AUTO_CLOSE ON;',
        "BACKUP DATABASE [Sales $(PATH)] TO DISK = N'x.bak';",
      ]);
      const refused = await lab.run('migrate', { options: { yes: true, wait: false }, json: true });
      assert.equal(refused.code, 4, refused.stdout);
      assert.match(refused.stdout, /SF-CLI-011/u);
      const file = join(directory, 'sqlferry.yaml');
      const text = readFileSync(file, 'utf8');
      const entry =
        '{rule: DB-AUTO-CLOSE, database: Adventureworks, reason: closed on Sundays only, expires: 2999-12-31}';
      writeFileSync(file, `${text}waivers:\n  - ${entry}\n`);
      const waived = await lab.run('assess', { json: true });
      const document = shown(waived);
      assert.equal(
        waived.code,
        0,
        JSON.stringify(document.findings.filter(({ outcome }) => outcome === 'error')),
      );
      assert.equal(document.verdict, 'ready-with-conditions');
      assert.ok(outcomes(document, 'DB-AUTO-CLOSE').includes('error'));
      assert.deepEqual(
        document.waivers.map(({ state }) => state),
        ['counts'],
      );
      const screen = await lab.run('assess', {});
      assert.match(screen.stdout, /waived until 2999-12-31: closed on Sundays only/u);
      const migrated = await lab.run('migrate', {
        options: { yes: true, wait: false },
        json: true,
      });
      assert.doesNotMatch(migrated.stdout, /SF-CLI-011/u);
      writeFileSync(file, `${text}waivers:\n  - ${entry.replace('2999', '2001')}\n`);
      const expired = await lab.run('assess', {});
      assert.equal(expired.code, 4);
      assert.match(
        expired.stdout,
        /waivers without effect \(1\)\s+! DB-AUTO-CLOSE \[Adventureworks\] {2}expired on 2001-12-31/u,
      );
    },
  );
});
