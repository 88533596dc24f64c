/** Sessions of the instance without a socket: the steps of SQL Server Agent's jobs, and what faults run. */

import type { AgentJob, StepOutcome, StepSession } from '../agent/job.ts';
import type { Instance, SessionIdentity, SessionState } from '../instance.ts';
import type { ResponseSink, ServerMessage } from '../session.ts';
import { makeSession } from '../tsql/run/session.ts';
import { serverMessage } from '../tsql/message.ts';
import type { InstanceParts } from './instance-parts.ts';
import { openDatabase } from './permission.ts';

/** Login of the Agent service; sysadmin from the start, as setup makes it. */
export const AGENT_LOGIN = 'NT SERVICE\\SQLSERVERAGENT';

/** Characters of output that history keeps. */
const MAX_OUTPUT = 4000;

/** Opens the session of a step, or says why the server refuses it. */
export function openStep(
  parts: InstanceParts,
  instance: Instance,
  step: { readonly job: AgentJob; readonly stepId: number },
): StepSession | ServerMessage {
  const { job, stepId } = step;
  // Steps of a sysadmin's job run as the service; those of others as their owner.
  const isSysadmin = parts.security.isMember(job.owner, 'sysadmin') === true;
  return openInside(parts, instance, {
    loginName: isSysadmin ? AGENT_LOGIN : job.owner,
    programName: `SQLAgent - TSQL JobStep (Job 0x${binaryOf(job.jobId)} : Step ${stepId})`,
    database: job.steps.find((each) => each.stepId === stepId)?.database ?? 'master',
  });
}

/** Opens a session on the machine of the server itself, or says why the server refuses it. */
export function openInside(
  parts: InstanceParts,
  instance: Instance,
  who: Pick<SessionIdentity, 'loginName' | 'programName'> & { readonly database: string },
): StepSession | ServerMessage {
  const { database, ...names } = who;
  const sessionId = parts.sessions.nextId();
  if (sessionId === undefined) return serverMessage(17_809, 32_767);
  const now = parts.clock.now();
  const identity: SessionIdentity = {
    ...names,
    sessionId,
    hostName: parts.definition.serverName.split('\\')[0] ?? '',
    clientInterfaceName: 'ODBC',
    hostProcessId: 4243,
    clientAddress: '<local machine>',
    serverAddress: parts.definition.address,
    serverPort: parts.definition.port,
    encrypted: false,
    readOnlyIntent: false,
    loginTime: now,
  };
  const access = openDatabase(parts, identity, database);
  if (access.kind === 'refused') return access.error;
  const state: SessionState = {
    database,
    openTransactions: 0,
    status: 'sleeping',
    currentBatch: '',
    waitType: '',
    lastRequestStart: now,
    lastRequestEnd: now,
    contextInfo: null,
  };
  const session = makeSession({ instance, identity, state });
  parts.sessions.add({ identity, state, connectionId: parts.random.guid() }, session);
  let cut: ServerMessage | null | undefined;
  session.onEnded((message) => {
    cut = message;
  });
  return {
    async run(command, signal): Promise<StepOutcome> {
      const output = collect();
      await session.batch(command, output.sink, signal);
      return cut === undefined ? output.outcome() : outcomeOf(cut);
    },
    close() {
      session.close();
      parts.sessions.remove(sessionId);
    },
  };
}

function outcomeOf(message: ServerMessage | null): StepOutcome {
  return {
    failed: true,
    number: message?.number ?? 0,
    severity: message?.severity ?? 0,
    text: message?.text ?? 'The session was ended by the server.',
  };
}

function collect(): { readonly sink: ResponseSink; readonly outcome: () => StepOutcome } {
  const texts: string[] = [];
  const errors: ServerMessage[] = [];
  const nothing = (): void => undefined;
  const sink: ResponseSink = {
    columns: nothing,
    row: nothing,
    done: nothing,
    message(message) {
      texts.push(`${message.text} [SQLSTATE ${message.severity > 10 ? '42000' : '01000'}]`);
      if (message.severity > 10) errors.push(message);
    },
    databaseChanged: nothing,
    transactionChanged: nothing,
    returnStatus: nothing,
    returnValue: nothing,
    drain: () => Promise.resolve(),
  };
  return {
    sink,
    outcome: () => {
      const last = errors.at(-1);
      return {
        failed: last !== undefined,
        number: last?.number ?? 0,
        severity: last?.severity ?? 0,
        text: texts.join('. ').slice(0, MAX_OUTPUT),
      };
    },
  };
}

/** A job id as binary(16) prints: the first three groups of a GUID are stored with their low byte first. */
function binaryOf(guid: string): string {
  const [a = '', b = '', c = '', d = '', e = ''] = guid.split('-');
  const swap = (group: string): string => (group.match(/../gu) ?? []).toReversed().join('');
  return `${swap(a)}${swap(b)}${swap(c)}${d}${e}`;
}
