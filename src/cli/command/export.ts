/** `sqlferry export`: scripts the groups that exist, both sides, as T-SQL; changes nothing. */

import type { Act } from '../../model/act.ts';
import { primaryInstance } from '../../model/migration.ts';
import type { Migration, MigrationSide } from '../../model/migration.ts';
import type { SideObservation } from '../../model/observation.ts';
import { ExitCode } from '../../model/problem.ts';
import { batchFor } from '../../sql/statement/batch-for.ts';
import { textOption } from '../command-module.ts';
import type { Command } from '../command-module.ts';
import { unreachableProblems } from '../migration-session.ts';
import { openSession } from '../open-session.ts';
import { writeOutput } from '../output/file.ts';
import { jsonDocument } from '../output/json.ts';
import { reportProblem, reportProblems, say } from '../output/report.ts';

/** The command. */
export const command: Command = {
  name: 'export',
  summary: 'script the existing availability groups as T-SQL, both sides',
  options: [{ flags: '--out <file.sql>', help: 'write to a file instead of the screen' }],
  async run(context, input) {
    const opened = openSession(context, { form: 'document', acting: false });
    if (!opened.ok) return opened.error;
    const session = opened.value;
    try {
      const { observation } = await session.glance({ goal: 'migrate' }, context.signal);
      const problems = unreachableProblems(observation);
      if (problems.length > 0) return reportProblems(context, problems);
      const { source, target } = observation;
      const seen = asObserved(session.migration, source, target);
      const sides = [source, target].map((side) => ({
        instance: side.instance,
        side: side.side,
        statements: actsOf(side).map((act) => batchFor(act, seen).text),
      }));
      const script = sides
        .map(({ instance, statements }) => scriptOf(instance, statements))
        .join('\n');
      const out = textOption(input, 'out');
      if (out !== null) {
        const written = writeOutput(out, script);
        if (!written.ok) return reportProblem(context, written.error);
        say(context, `wrote ${out}`);
      } else if (!context.globals.json) context.io.stdout.write(script);
      if (context.globals.json) {
        context.io.stdout.write(jsonDocument({ migration: session.migration.name, sides }));
      }
      return ExitCode.done;
    } finally {
      await session.close();
    }
  },
};

/** The migration with the names that the servers show instead of those that the file wishes. */
function asObserved(
  migration: Migration,
  source: SideObservation,
  target: SideObservation,
): Migration {
  return {
    ...migration,
    source: observedSide(migration.source, source),
    target: observedSide(migration.target, target),
  };
}

function observedSide(configured: MigrationSide, seen: SideObservation): MigrationSide {
  const first = primaryInstance(configured);
  const endpoint = seen.endpoint.known ? seen.endpoint.value : null;
  const group = seen.availabilityGroup.known ? seen.availabilityGroup.value : null;
  return {
    ...configured,
    availabilityGroup: group?.name ?? configured.availabilityGroup,
    instances: [
      { ...first, endpoint: endpoint ?? first.endpoint },
      ...configured.instances.slice(1),
    ],
  };
}

/** The acts that would make what this side shows. */
function actsOf(seen: SideObservation): readonly Act[] {
  const { side } = seen;
  const acts: Act[] = [];
  const endpoint = seen.endpoint.known ? seen.endpoint.value : null;
  const group = seen.availabilityGroup.known ? seen.availabilityGroup.value : null;
  const distributed = seen.distributed.known ? seen.distributed.value : null;
  if (endpoint !== null) {
    acts.push({ kind: 'create-endpoint', side });
    for (const login of endpoint.connectGrantees) {
      acts.push({ kind: 'grant-endpoint-connect', side, endpoint: endpoint.name, login });
    }
  }
  if (group !== null) {
    const databases = side === 'source' ? group.databases : [];
    acts.push({ kind: 'create-availability-group', side, databases });
    if (group.canCreateAnyDatabase === true) acts.push({ kind: 'grant-create-database', side });
  }
  if (distributed !== null) {
    acts.push({ kind: side === 'source' ? 'create-distributed' : 'join-distributed', side });
    const modes = new Set(distributed.members.map((member) => member.availabilityModeDesc));
    if (modes.has('SYNCHRONOUS_COMMIT')) {
      acts.push({ kind: 'set-distributed-mode', side, mode: 'SYNCHRONOUS_COMMIT' });
    }
  }
  return acts;
}

function scriptOf(instance: string, statements: readonly string[]): string {
  const body =
    statements.length === 0
      ? ['-- no endpoint and no availability group of this migration']
      : statements.flatMap((text) => [text.trimEnd(), 'GO']);
  return [`:CONNECT ${instance}`, 'USE [master];', 'GO', ...body, ''].join('\n');
}
