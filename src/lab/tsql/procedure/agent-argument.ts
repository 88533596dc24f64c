/** What the procedures of SQL Server Agent have in common: rights, finding the job, arguments the lab has no use for. */

import type { AgentJob } from '../../agent/job.ts';
import type { ServerMessage } from '../../session.ts';
import { SqlError, sqlError } from '../message.ts';
import { markOrigin } from '../run/error-origin.ts';
import type { Request } from '../run/context.ts';
import { bindArguments, numberOf, textOf, type Argument } from './procedure.ts';

/** Arguments by name; 229 for who may not administer the Agent: here only sysadmin may. */
export function agentArguments(
  request: Request,
  call: {
    readonly procedure: string;
    readonly given: readonly Argument[];
    readonly names: readonly string[];
  },
): Map<string, Argument> {
  const { instance, identity } = request.session;
  if (instance.isServerRoleMember(identity, 'sysadmin', null) !== 1)
    throw sqlError(229, 'EXECUTE', call.procedure, 'msdb', 'dbo');
  return bindArguments(call.procedure, call.given, call.names);
}

/** Reports an error as the procedures of msdb do: by RAISERROR, which ends neither batch nor transaction. */
export function reported(error: ServerMessage, procedure: string): SqlError {
  return markOrigin(new SqlError({ ...error, procedure }), 'raiserror');
}

/** The job that `@job_name` or `@job_id` names; 14294 for none or both, 14262 for one that is not there. */
export function jobOf(
  request: Request,
  bound: ReadonlyMap<string, Argument>,
  procedure: string,
): AgentJob {
  const name = textOf(bound.get('@job_name'));
  const jobId = textOf(bound.get('@job_id'));
  const { agent } = request.session.instance;
  if ((name === null) === (jobId === null))
    throw reported(sqlError(14_294, '@job_id', '@job_name').detail, procedure);
  const found =
    name !== null ? agent.find({ name }) : jobId === null ? undefined : agent.find({ jobId });
  if (found !== undefined) return found;
  const missing =
    name === null ? sqlError(14_262, '@job_id', jobId ?? '') : sqlError(14_262, '@job_name', name);
  throw reported(missing.detail, procedure);
}

/** Refuses arguments that ask for something the lab does not do; the value is what it does. */
export function onlySimulated(
  bound: ReadonlyMap<string, Argument>,
  allowed: Readonly<Record<string, number | string>>,
): void {
  for (const [name, value] of Object.entries(allowed)) {
    const argument = bound.get(name);
    if (argument?.value === undefined || argument.value === null) continue;
    const given = typeof value === 'number' ? numberOf(argument) : textOf(argument)?.toUpperCase();
    if (given !== value) throw sqlError(49_901, `${name} = ${textOf(argument) ?? ''}`);
  }
}
