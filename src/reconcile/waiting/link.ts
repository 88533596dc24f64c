/** Judges of the way between the two sides: reach, rights, endpoints, the link itself. */

import { sameName, shownName } from '../../base/name.ts';
import { listenerFqdn } from '../../model/migration.ts';
import type { DistributedObservation, SideObservation } from '../../model/observation.ts';
import { serverError } from '../../model/server-error.ts';
import { otherSide } from '../../model/side.ts';
import { holds, networkAccount } from '../look.ts';
import type { WaitFinding, WaitJudge } from './judge.ts';
import { configured, isConnected, isJoined, keeperOf, valueOf, type Scene } from './scene.ts';

const both = (scene: Scene): readonly SideObservation[] => [scene.sender, scene.receiver];

/** What a broken link brings with it. */
const afterLink: readonly string[] = [
  'WAIT-SEEDING-STARTS',
  'WAIT-SEEDING-DEAD',
  'WAIT-SEEDING-STILL',
  'WAIT-SEEDING-TRANSPORT',
  'WAIT-SEEDING-GAVE-UP',
  'WAIT-NOT-SYNCHRONIZING',
  'WAIT-CATCHING-UP',
  'WAIT-SEND-QUEUE',
  'WAIT-LSN',
  'WAIT-LOG-HELD',
];

/** One side does not answer. */
export const unreachable: WaitJudge = {
  id: 'WAIT-UNREACHABLE',
  title: 'sqlferry cannot reach a side',
  why: 'What cannot be looked at is unknown, and nothing is done on a guess.',
  limit: null,
  explains: ['WAIT-LINK'],
  reference: 'configure',
  judge: (scene) =>
    both(scene).flatMap(({ side, connection }): readonly WaitFinding[] =>
      connection.kind === 'connected'
        ? []
        : [
            {
              side,
              cause: connection.problem.summary,
              evidence: connection.problem.because,
              whose: connection.problem.code.startsWith('SF-NET-') ? 'network' : keeperOf(side),
              next: connection.problem.remedy,
            },
          ],
    ),
};

/** The login may not look, or the server answered an error. */
export const cannotLook: WaitJudge = {
  id: 'WAIT-CANNOT-LOOK',
  title: 'The login may not see what the decision needs',
  why: 'Without VIEW SERVER STATE and VIEW ANY DEFINITION the views leave rows out; an unknown never counts as absent.',
  limit: null,
  explains: [],
  reference: 'metadataVisibility',
  judge: (scene) =>
    both(scene).flatMap((seen): readonly WaitFinding[] => {
      if (seen.connection.kind !== 'connected') return [];
      const facts = [seen.distributed, seen.databases, seen.sessions, seen.control];
      const reasons = new Set(facts.flatMap((fact) => (fact.known ? [] : [fact.because])));
      if (reasons.size === 0) return [];
      const login = `login of auth.${seen.side}`;
      const lacks = [...reasons].some((reason) => reason.includes('lacks VIEW'));
      return [
        {
          side: seen.side,
          cause: lacks
            ? `The ${login} may not look at ${shownName(seen.instance)}.`
            : `${shownName(seen.instance)} did not answer all that was asked.`,
          evidence: [...reasons].map((reason) => `${reason}.`),
          whose: keeperOf(seen.side),
          next: lacks
            ? `Run on ${shownName(seen.instance)}, with the ${login} for <login>: GRANT VIEW SERVER STATE TO [<login>]; GRANT VIEW ANY DEFINITION TO [<login>]`
            : `Read the error log of ${shownName(seen.instance)} (EXEC sp_readerrorlog), then run the command again.`,
        },
      ];
    }),
};

/** Nobody listens for the other side. */
export const endpointMissing: WaitJudge = {
  id: 'WAIT-ENDPOINT-MISSING',
  title: 'An instance has no database mirroring endpoint',
  why: 'Availability groups talk through it; without it the other side finds nobody.',
  limit: null,
  explains: ['WAIT-LINK'],
  reference: 'createEndpoint',
  judge: (scene) =>
    scene.sender.distributed.known && valueOf(scene.sender.distributed) === null
      ? []
      : both(scene).flatMap((seen) =>
          seen.endpoint.known && seen.endpoint.value === null
            ? [
                {
                  side: seen.side,
                  cause: `${shownName(seen.instance)} has no database mirroring endpoint.`,
                  evidence: ['sys.database_mirroring_endpoints has no row.'],
                  whose: 'sqlferry',
                  next: 'sqlferry migrate creates it (sqlferry plan shows the statement).',
                },
              ]
            : [],
        ),
};

/** It is there and does not listen. */
export const endpointStopped: WaitJudge = {
  id: 'WAIT-ENDPOINT-STOPPED',
  title: 'A database mirroring endpoint is stopped',
  why: 'A stopped endpoint answers nobody; the link comes back by itself once it is started.',
  limit: null,
  explains: ['WAIT-LINK'],
  reference: 'alterEndpoint',
  judge: (scene) =>
    both(scene).flatMap((seen) => {
      const endpoint = valueOf(seen.endpoint);
      if (endpoint === null || endpoint.stateDesc === 'STARTED') return [];
      return [
        {
          side: seen.side,
          cause: `Endpoint ${shownName(endpoint.name)} of ${shownName(seen.instance)} is ${endpoint.stateDesc}.`,
          evidence: [
            `sys.database_mirroring_endpoints shows ${endpoint.stateDesc} on port ${endpoint.port}.`,
          ],
          whose: keeperOf(seen.side),
          next: `Run on ${shownName(seen.instance)}: ALTER ENDPOINT ${shownName(endpoint.name)} STATE = STARTED (sqlferry migrate does it too)`,
        },
      ];
    }),
};

/** The peer is turned away at the endpoint. */
export const endpointConnect: WaitJudge = {
  id: 'WAIT-ENDPOINT-CONNECT',
  title: "The peer's service account may not connect to the endpoint",
  why: 'Without CONNECT on the endpoint the peer is turned away: 28034 in the error log here, 35201 or 35206 over there.',
  limit: null,
  explains: ['WAIT-LINK'],
  reference: 'grantEndpoint',
  judge: (scene) =>
    isConnected(scene) !== false
      ? []
      : both(scene).flatMap((seen) => {
          const peer = valueOf(seen === scene.sender ? scene.receiver.server : scene.sender.server);
          const account = peer === null ? null : networkAccount(peer);
          const endpoint = valueOf(seen.endpoint);
          const logins = valueOf(seen.windowsLogins);
          if (account === null || endpoint === null || logins === null) return [];
          const login = logins.find((other) => sameName(other.name, account));
          const own = valueOf(seen.server)?.serviceAccount ?? null;
          // Two instances under one account let each other in without a login (Microsoft Learn, "Set up login accounts").
          const admitted =
            (own !== null && sameName(own, account)) ||
            login?.isSysadmin === true ||
            holds(endpoint.connectGrantees, account) ||
            holds(endpoint.connectGrantees, 'public');
          if (admitted) return [];
          const create =
            login === undefined ? `CREATE LOGIN ${shownName(account)} FROM WINDOWS; ` : '';
          return [
            {
              side: seen.side,
              cause: `${shownName(account)}, the account of the ${otherSide(seen.side)}, may not connect to endpoint ${shownName(endpoint.name)} of ${shownName(seen.instance)}.`,
              evidence: [
                login === undefined
                  ? `No Windows login of that name is on ${shownName(seen.instance)}.`
                  : `CONNECT is granted to: ${endpoint.connectGrantees.map(shownName).join(', ') || 'nobody'}.`,
              ],
              whose: keeperOf(seen.side),
              next: `Run on ${shownName(seen.instance)}: ${create}GRANT CONNECT ON ENDPOINT::${shownName(endpoint.name)} TO ${shownName(account)} (sqlferry migrate does it too)`,
            },
          ];
        }),
};

/** The two endpoints do not talk. */
export const link: WaitJudge = {
  id: 'WAIT-LINK',
  title: 'The two sides are not connected',
  why: 'JOIN says nothing about the link, and on a broken link the health of the forwarder stays HEALTHY: only connected_state tells.',
  limit: 'connectMs',
  explains: afterLink,
  reference: 'distributed',
  judge: (scene) => {
    if (!isJoined(scene) || isConnected(scene) !== false) return [];
    const from = valueOf(scene.sender.distributed);
    const to = valueOf(scene.receiver.distributed);
    const remote = from?.remote ?? null;
    const number = remote?.lastConnectErrorNumber ?? 0;
    return [
      {
        cause: causeOf(scene, number),
        evidence: [
          `The ${scene.sender.side} shows the ${scene.receiver.side} as ${remote?.connectedStateDesc ?? 'absent'}; the ${scene.receiver.side} shows itself as ${to?.localConnectedStateDesc ?? 'absent'}.`,
          ...errorWords(scene, remote),
        ],
        whose: 'network',
        next: both(scene)
          .map(
            (seen) =>
              `from the ${otherSide(seen.side)}: Test-NetConnection ${addressOf(scene, seen)}`,
          )
          .join('; ')
          .replace(/^f/u, 'F')
          .concat(
            ' (any source port must be let through); then EXEC sp_readerrorlog on both sides',
          ),
      },
    ];
  },
};

function causeOf(scene: Scene, number: number): string {
  const meaning = serverError(number)?.meaning;
  const dag = shownName(scene.migration.distributedAvailabilityGroup);
  return `The two sides of ${dag} are not connected${meaning === undefined ? '' : `: ${meaning.charAt(0).toLowerCase()}${meaning.slice(1)}`}.`;
}

function errorWords(scene: Scene, remote: DistributedObservation['remote']): readonly string[] {
  const number = remote?.lastConnectErrorNumber ?? null;
  if (number === null || number === 0) return [];
  const at = valueOf(scene.sender.circumstances)?.lastConnectErrorUtc ?? null;
  const text = remote?.lastConnectErrorDescription ?? null;
  return [
    `Last connection error ${number}${at === null ? '' : ` at ${at}`}${text === null ? '.' : `: ${text}`}`,
  ];
}

function addressOf(scene: Scene, seen: SideObservation): string {
  const side = configured(scene, seen);
  const { fqdn, endpoint } = side.instances[0];
  const host = side.listener === null ? fqdn : listenerFqdn(side, side.listener);
  return `${host} -Port ${endpoint.port}`;
}
