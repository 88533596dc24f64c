/** What the database mirroring endpoint and its logins will show after an act. */

import { unreachable } from '../base/assert.ts';
import type { Act } from '../model/act.ts';
import { known } from '../model/fact.ts';
import type { Migration } from '../model/migration.ts';
import type { EndpointObservation, Observation } from '../model/observation.ts';
import { sideOf } from '../model/observation.ts';
import type { Side } from '../model/side.ts';
import { planOf } from './look.ts';
import { map, patch } from './patch.ts';

/** The observation after an act on an endpoint or a peer's login. */
export function predictEndpoint(
  observation: Observation,
  act: Extract<
    Act,
    {
      readonly kind:
        | 'create-endpoint'
        | 'start-endpoint'
        | 'create-peer-login'
        | 'grant-endpoint-connect';
    }
  >,
  migration: Migration,
): Observation {
  const { side } = act;
  switch (act.kind) {
    case 'create-endpoint':
      return patch(observation, side, { endpoint: known(newEndpoint(migration, side)) });
    case 'start-endpoint':
      return withEndpoint(observation, side, (endpoint) => ({ ...endpoint, stateDesc: 'STARTED' }));
    case 'create-peer-login':
      return patch(observation, side, {
        windowsLogins: map(sideOf(observation, side).windowsLogins, (logins) => [
          ...logins,
          { name: act.login, isSysadmin: false },
        ]),
      });
    case 'grant-endpoint-connect':
      return withEndpoint(observation, side, (endpoint) => ({
        ...endpoint,
        connectGrantees: [...endpoint.connectGrantees, act.login],
      }));
  }
  return unreachable(act);
}

function newEndpoint(migration: Migration, side: Side): EndpointObservation {
  const endpoint = planOf(migration, side).instances[0].endpoint;
  return {
    name: endpoint.name,
    stateDesc: 'STARTED',
    port: endpoint.port,
    ipAddress: null,
    connectGrantees: [],
  };
}

function withEndpoint(
  observation: Observation,
  side: Side,
  change: (endpoint: EndpointObservation) => EndpointObservation,
): Observation {
  return patch(observation, side, {
    endpoint: map(sideOf(observation, side).endpoint, (endpoint) =>
      endpoint === null ? null : change(endpoint),
    ),
  });
}
