/**
 * Rules of `migrate` for every further instance of the availability-group path: reachable, fit, endpoint,
 * logins. The acting pair has the rules of `prepare.ts`; here everybody must be able to talk to everybody,
 * because any replica may act for its side after a local failover.
 */

import { sameName, shownName } from '../../base/name.ts';
import { holds, networkAccount } from '../look.ts';
import { groupedSides, otherInstances, seenInstances, unseenInstances } from '../replica-look.ts';
import type { SeenInstance } from '../replica-look.ts';
import { rule, type Situation } from '../rule.ts';
import { registerOf } from '../register-look.ts';

/** Everything that is to be built needs every server. */
export const replicaAway = rule({
  id: 'R-REPLICA-AWAY',
  phase: 'prepare',
  title: 'Wait until every instance of the migration file answers',
  why: 'The groups are built over all of them, and the commit register may be on the one that is away: it is never taken for absent.',
  emits: 'wait',
  reversal: null,
  reference: 'prerequisites',
  needs: ['sourceDag', 'targetDag', 'sourceControl', 'targetControl'],
  when: ({ migration }) => groupedSides(migration).length > 0,
  match: ({ sourceDag, targetDag, sourceControl, targetControl }, { observation, migration }) => {
    const built =
      sourceDag !== null &&
      targetDag !== null &&
      registerOf(sourceControl) !== null &&
      registerOf(targetControl) !== null;
    const blockers = built ? [] : unseenInstances(observation, migration);
    return blockers.length === 0
      ? null
      : {
          kind: 'wait',
          because: `${blockers.length} further instance(s) of the migration file cannot be read.`,
          blockers,
        };
  },
});

/** Name, edition, version, feature and cluster of the further instances. */
export const replicaPrerequisites = rule({
  id: 'R-REPLICA-PREREQUISITES',
  phase: 'prepare',
  title: 'Stop: a further instance does not meet the prerequisites',
  why: 'Every replica may come to act for its side, so each one has to be what the acting one is, in the same Windows cluster.',
  emits: 'needs-human',
  reversal: null,
  reference: 'groupPrerequisites',
  needs: ['sourceServer', 'targetServer'],
  when: ({ migration }) => groupedSides(migration).length > 0,
  match: (_parts, { observation, migration }) => {
    const all = seenInstances(observation, migration);
    const blockers = all.flatMap((each) =>
      misfits(
        each,
        all.find((other) => other.side === each.side && other.acts),
      ),
    );
    return blockers.length === 0
      ? null
      : {
          kind: 'needs-human',
          because: 'Not every instance of the migration file can be a replica of its side.',
          blockers,
          remedy:
            'Mend what is named, or take the instance out of the migration file and out of its availability group; sqlferry assess names every finding with its remedy.',
        };
  },
});

function misfits(each: SeenInstance, acting: SeenInstance | undefined): readonly string[] {
  const { server, details, name } = each;
  const shown = `${shownName(name)} on the ${each.side}`;
  const blockers: string[] = [];
  if (!sameName(server.serverName, name)) {
    blockers.push(`${shown} calls itself ${shownName(server.serverName)}.`);
  }
  if (!server.isHadrEnabled) blockers.push(`Always On is not enabled on ${shown}.`);
  if (server.engineEdition !== 3) {
    blockers.push(
      `${shown} is ${server.edition}; a distributed availability group needs Enterprise.`,
    );
  }
  if (details.clusterName === null) {
    blockers.push(`${shown} is not a node of a Windows cluster with quorum.`);
  }
  if (acting === undefined || acting === each) return blockers;
  if (server.versionMajor !== acting.server.versionMajor) {
    blockers.push(
      `${shown} is version ${server.productVersion}, ${shownName(acting.name)} is ${acting.server.productVersion}.`,
    );
  }
  const clusters = [details.clusterName, acting.details.clusterName];
  if (clusters.every((name) => name !== null) && !sameName(clusters[0] ?? '', clusters[1] ?? '')) {
    blockers.push(
      `${shown} is in cluster ${clusters[0]}, ${shownName(acting.name)} in ${clusters[1]}.`,
    );
  }
  return blockers;
}

/** An endpoint of a further instance does not fit. */
export const replicaEndpointShape = rule({
  id: 'R-REPLICA-ENDPOINT-SHAPE',
  phase: 'prepare',
  title: 'Stop: the endpoint of a further instance listens on another port or on one address only',
  why: 'LISTENER_URL carries one port for all replicas of a side; after a local failover the other side looks for the new primary on that port.',
  emits: 'needs-human',
  reversal: null,
  reference: 'configure',
  needs: [],
  match: (_parts, { observation, migration }) => {
    const blockers = otherInstances(observation, migration).flatMap(
      ({ endpoint, plan, side, name }) => {
        if (endpoint === null) return [];
        const shown = `${shownName(endpoint.name)} of ${shownName(name)} on the ${side}`;
        if (endpoint.port !== plan.endpoint.port) {
          return [
            `${shown} listens on port ${endpoint.port}, the migration file says ${plan.endpoint.port}.`,
          ];
        }
        return endpoint.ipAddress === null
          ? []
          : [`${shown} listens on ${endpoint.ipAddress} only.`];
      },
    );
    return blockers.length === 0
      ? null
      : {
          kind: 'needs-human',
          because: 'The endpoint of a further instance does not fit the migration file.',
          blockers,
          remedy:
            'Run on that instance (its sessions reconnect): ALTER ENDPOINT <name> AS TCP (LISTENER_PORT = <port of the file>, LISTENER_IP = ALL), or correct endpoint.port of every instance of the side in the migration file.',
        };
  },
});

/** Missing endpoint of a further instance. */
export const replicaEndpointCreate = rule({
  id: 'R-REPLICA-ENDPOINT-CREATE',
  phase: 'prepare',
  title: 'Create the database mirroring endpoint of a further instance',
  why: 'Every replica talks through its own endpoint, all of them on one port, on all addresses and STARTED.',
  emits: 'create-endpoint',
  reversal: 'DROP ENDPOINT, by hand: other availability groups may use it by then.',
  reference: 'createEndpoint',
  needs: [],
  match: (_parts, { observation, migration }) => {
    const found = otherInstances(observation, migration).find((each) => each.endpoint === null);
    if (found === undefined) return null;
    const { side, name, plan } = found;
    return {
      kind: 'act',
      because: `${shownName(name)} has no database mirroring endpoint; ${shownName(plan.endpoint.name)} on port ${plan.endpoint.port} is created.`,
      act: { kind: 'create-endpoint', side, instance: name },
    };
  },
});

/** The endpoint of a further instance is stopped. */
export const replicaEndpointStart = rule({
  id: 'R-REPLICA-ENDPOINT-START',
  phase: 'prepare',
  title: 'Start the database mirroring endpoint of a further instance',
  why: 'A replica whose endpoint is STOPPED receives nothing and can never act for its side.',
  emits: 'start-endpoint',
  reversal: 'ALTER ENDPOINT ... STATE = STOPPED.',
  reference: 'alterEndpoint',
  needs: [],
  match: (_parts, { observation, migration }) => {
    for (const { side, name, endpoint } of otherInstances(observation, migration)) {
      if (endpoint === null || endpoint.stateDesc === 'STARTED') continue;
      return {
        kind: 'act',
        because: `Endpoint ${shownName(endpoint.name)} of ${shownName(name)} is ${endpoint.stateDesc}.`,
        act: { kind: 'start-endpoint', side, endpoint: endpoint.name, instance: name },
      };
    }
    return null;
  },
});

/** An account under which one instance comes to another one. */
interface Visit {
  readonly host: SeenInstance;
  readonly guest: SeenInstance;
  readonly account: string;
}

/** Who visits whom: every instance every other one, whichever side it is on. */
function visits({ observation, migration }: Situation): readonly Visit[] {
  const all = seenInstances(observation, migration);
  return all.flatMap((host) =>
    all.flatMap((guest) => {
      const account = guest === host ? null : networkAccount(guest.server);
      return account === null || sameName(networkAccount(host.server) ?? '', account)
        ? []
        : [{ host, guest, account }];
    }),
  );
}

/** A replica's service account has no login on another instance. */
export const replicaLoginCreate = rule({
  id: 'R-REPLICA-LOGIN-CREATE',
  phase: 'prepare',
  title: "Create a login for another replica's service account",
  why: 'Any replica may come to act for its side, and the others are let in under their Windows accounts.',
  emits: 'create-peer-login',
  reversal: 'DROP LOGIN, once no availability group uses it any more.',
  reference: 'createLogin',
  needs: [],
  match: (_parts, situation) => {
    const missing = visits(situation).find(
      ({ host, account }) => !host.windowsLogins.some((login) => sameName(login.name, account)),
    );
    if (missing === undefined) return null;
    const { host, guest, account } = missing;
    return {
      kind: 'act',
      because: `${shownName(guest.name)} runs as ${shownName(account)}, and ${shownName(host.name)} has no login of that name.`,
      act: { kind: 'create-peer-login', side: host.side, login: account, ...onOther(host) },
    };
  },
});

/** A replica's login may not connect to another instance's endpoint. */
export const replicaConnectGrant = rule({
  id: 'R-REPLICA-CONNECT-GRANT',
  phase: 'prepare',
  title: "Let another replica's service account through the endpoint",
  why: 'Without CONNECT on the endpoint a replica is turned away (28034 in the error log), and its side cannot fail over to or from it.',
  emits: 'grant-endpoint-connect',
  reversal: 'REVOKE CONNECT ON ENDPOINT.',
  reference: 'grantEndpoint',
  needs: [],
  match: (_parts, situation) => {
    for (const { host, account } of visits(situation)) {
      const { endpoint } = host;
      const login = host.windowsLogins.find((other) => sameName(other.name, account));
      const isAdmitted =
        endpoint === null ||
        login?.isSysadmin === true ||
        holds(endpoint.connectGrantees, account) ||
        holds(endpoint.connectGrantees, 'public');
      if (isAdmitted) continue;
      return {
        kind: 'act',
        because: `${shownName(account)} has no CONNECT on endpoint ${shownName(endpoint.name)} of ${shownName(host.name)}.`,
        act: {
          kind: 'grant-endpoint-connect',
          side: host.side,
          endpoint: endpoint.name,
          login: account,
          ...onOther(host),
        },
      };
    }
    return null;
  },
});

/** The acting instance needs no name: an act goes there by itself. */
function onOther(host: SeenInstance): { readonly instance?: string } {
  return host.acts ? {} : { instance: host.name };
}
