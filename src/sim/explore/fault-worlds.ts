/** Worlds with faults of one kind each, and with the way back: part of `npm run explore`. */

import { configuration, type Configuration } from './configuration.ts';

const servers = ['source', 'target'] as const;
const rivals = [['cutover'], ['abort']] as const;

/** Each explored completely. */
export const faultWorlds: readonly Configuration[] = [
  configuration({
    name: 'the way back after a cutover, against a rival, one fault',
    start: 'cut-over',
    commits: 0,
    look: 'one-instant',
    operators: [['failback'], ['abort']],
  }),
  configuration({
    name: 'there and back again, one operator, one fault',
    commits: 0,
    look: 'one-instant',
    operators: [['cutover', 'failback', 'abort']],
  }),
  configuration({
    name: 'a server crashes and starts again, two rivals',
    commits: 0,
    look: 'one-instant',
    crashes: servers,
    operators: rivals,
  }),
  configuration({
    name: 'a server crashes and starts again on the way back, one operator',
    start: 'cut-over',
    commits: 0,
    look: 'one-instant',
    crashes: servers,
    operators: [['failback', 'abort']],
  }),
  configuration({
    name: 'there against back, two rivals',
    faults: 0,
    commits: 0,
    look: 'one-instant',
    operators: [['cutover'], ['failback', 'abort']],
  }),
  configuration({
    name: 'the way back on SQL Server 2022, refused while secondaries are required, a late commit',
    release: 2022,
    switches: { giveBackWithRequiredSecondaries: 'refused' },
    start: 'cut-over',
    faults: 0,
    look: 'one-instant',
    operators: [['failback', 'abort']],
  }),
  configuration({
    name: 'sessions fail, the Agent stops and starts, two rivals',
    commits: 0,
    look: 'one-instant',
    agentStarts: true,
    operators: rivals,
  }),
  configuration({
    name: 'redo lags, the network breaks, a late commit',
    faults: 0,
    cuts: 1,
    redo: 'slow',
    look: 'one-instant',
  }),
  configuration({
    name: 'rows of the register are spoilt and put back, one operator',
    commits: 0,
    look: 'one-instant',
    troubles: ['dropped', 'emptied', 'register', 'refused', 'newer', 'stranger'],
  }),
  configuration({
    name: 'the target loses its rows, two rivals',
    commits: 0,
    look: 'one-instant',
    troubles: ['dropped'],
    troubledSides: ['target'],
    operators: rivals,
  }),
  configuration({
    name: 'local groups with two synchronous replicas on both sides, a late commit',
    shape: 'availability-groups',
    faults: 0,
    look: 'one-instant',
    operators: [['cutover']],
  }),
  configuration({
    name: 'local groups with two synchronous replicas on both sides, one operator, one fault',
    shape: 'availability-groups',
    commits: 0,
    look: 'one-instant',
  }),
  configuration({
    name: 'local groups with two synchronous replicas on both sides, the network breaks',
    shape: 'availability-groups',
    faults: 0,
    commits: 0,
    cuts: 1,
    look: 'one-instant',
    operators: [['cutover']],
  }),
  configuration({
    name: 'a batch comes late or twice, two epochs',
    commits: 0,
    epochs: 2,
    look: 'one-instant',
    replays: true,
  }),
];
