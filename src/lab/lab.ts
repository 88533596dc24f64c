/**
 * Starts a lab: the world, a listener with a certificate per instance, the control interface and
 * the files that clients find it by.
 *
 * Here is the wiring only. Not here: the command line (`cli/command/lab.ts`), the fault table
 * (`fault/`), what instances do (`world/`).
 */

import { assert, required } from '../base/assert.ts';
import type { Result } from '../base/result.ts';
import { Secret } from '../base/secret.ts';
import type { Clock } from '../ports/clock.ts';
import type { Random } from '../ports/random.ts';
import { findPlaces, type LabAddresses, type Place } from './address.ts';
import { makeCatalog } from './catalog/catalog.ts';
import { versionNumber } from './catalog/server-property.ts';
import { startControl, type ControlServer } from './control/server.ts';
import { hostFqdn, splitServerName, type LabDefinition } from './definition.ts';
import { readFault } from './fault/fault.ts';
import { applyFault } from './fault/inject.ts';
import {
  clearFolder,
  dataFolder,
  prepareFolder,
  writeFolder,
  type LabFile,
  type LabFileInstance,
} from './folder.ts';
import { behindListener } from './hadr/route.ts';
import { nameKey, type HadrSettings, type HadrSwitches } from './hadr/state.ts';
import { makeInitialGroups, type ListenerPlaces } from './initial-groups.ts';
import { issue, makeAuthority, type ServerCertificate } from './server/certificate.ts';
import { listen, type LabListener } from './server/listener.ts';
import { labStatus, type LabStatus } from './status.ts';
import { loginNames, worldDefinition } from './world-definition.ts';
import { makeWorld, type World } from './world/world.ts';

/** What a lab is started with. */
export interface LabOptions {
  readonly definition: LabDefinition;
  /** Folder for the files; made when it is not there. */
  readonly directory: string;
  readonly addresses: LabAddresses;
  readonly clock: Clock;
  readonly random: Random;
  /** Told when the lab breaks its own rules. */
  readonly onBug: (error: unknown) => void;
  /** Pace of the simulated servers where it differs from the default. */
  readonly settings?: Partial<HadrSettings>;
  /** Positions of the switches where they differ from the default. */
  readonly switches?: Partial<HadrSwitches>;
}

/** A running lab. */
export interface Lab extends AsyncDisposable {
  readonly file: LabFile;
  readonly instances: readonly LabFileInstance[];
  /** PEM of the authority that made the certificates. */
  readonly authority: string;
  /** The newest world; another one after a reset. */
  world(): World;
  status(): LabStatus;
  /** Password of a login; throws for a login the lab does not have. */
  password(user: string): Secret;
  /** Injects a fault given as JSON (`fault/fault.ts`); the error says what is allowed. */
  fault(value: unknown): Result<null, string>;
  /** Everything as at the start, on the same addresses with the same passwords. */
  reset(): Promise<void>;
  /** Ends it; the second call waits for the first. */
  close(): Promise<void>;
  /** Resolves when the lab has ended, whoever ended it. */
  readonly closed: Promise<void>;
}

/** What stays the same over a reset. */
interface Ground {
  readonly options: LabOptions;
  /** Of the instances, then of the listeners. */
  readonly places: readonly { readonly address: string; readonly port: number }[];
  readonly passwords: ReadonlyMap<string, Secret>;
  readonly certificates: readonly ServerCertificate[];
}

/** What a reset replaces. */
interface Running {
  readonly world: World;
  readonly listeners: readonly LabListener[];
}

/** Starts a lab; rejects with Node's error when an address or the folder cannot be had. */
export async function startLab(options: LabOptions): Promise<Lab> {
  const { definition, random } = options;
  prepareFolder(options.directory);
  const known = definition.listeners ?? [];
  const hosts = [...definition.instances, ...known].map(({ name }) => splitServerName(name).host);
  const held = await findPlaces(options.addresses, hosts, random);
  const authority = makeAuthority({
    commonName: `sqlferry lab ${random.guid()}`,
    now: options.clock.now(),
  });
  const ground: Ground = {
    options,
    places: held.map(({ address, port }) => ({ address, port })),
    passwords: new Map(
      loginNames(definition).map((user) => [
        user.toLowerCase(),
        new Secret(`Lab-${random.guid()}`),
      ]),
    ),
    certificates: [...definition.instances, ...known].map((named, index) =>
      issue(authority, {
        names: [...new Set([hostFqdn(named), splitServerName(named.name).host])],
        addresses: [required(held[index], 'place').address],
      }),
    ),
  };
  const lab = new RunningLab(ground, await run(ground, held), authority.certificate);
  return lab.opened();
}

async function run(ground: Ground, held: readonly Place[]): Promise<Running> {
  const { options, places, passwords, certificates } = ground;
  const { clock } = options;
  const world = makeWorld({
    clock,
    random: options.random,
    dataDirectory: dataFolder(options.directory),
    catalog: makeCatalog,
    definition: worldDefinition(options.definition, {
      places,
      passwords,
      now: clock.now(),
      ...(options.settings === undefined ? {} : { settings: options.settings }),
      switches: { ...options.definition.switches, ...options.switches },
    }),
  });
  const listeners: LabListener[] = [];
  for (const [index, instance] of options.definition.instances.entries()) {
    const { address, port } = required(places[index], 'place');
    await held[index]?.free();
    listeners.push(
      await listen({
        endpoint: world.endpoint(instance.name),
        host: address,
        port,
        clock,
        certificate: instance.encryption === 'not-supported' ? null : (certificates[index] ?? null),
        onBug: options.onBug,
      }),
    );
  }
  for (const [index, { name }] of (options.definition.listeners ?? []).entries()) {
    const at = options.definition.instances.length + index;
    const { address, port } = required(places[at], 'place of a listener');
    await held[at]?.free();
    const certificate = certificates[at] ?? null;
    const [first] = options.definition.instances;
    const endpoint = world.endpoint(required(first, 'an instance').name);
    const route = (): ReturnType<World['endpoint']> | null => endpointBehind(world, name);
    const { onBug } = options;
    listeners.push(
      await listen({ endpoint, route, host: address, port, clock, certificate, onBug }),
    );
  }
  await makeInitialGroups(world, options.definition, { places: listenerPlaces(ground), clock });
  return { world, listeners };
}

/** The instance with the primary replica of the group that has the listener; null while there is none. */
function endpointBehind(world: World, listener: string): ReturnType<World['endpoint']> | null {
  const instance = behindListener(world.state(), nameKey(listener));
  return instance === undefined ? null : world.endpoint(instance.serverName);
}

function listenerPlaces({ options, places }: Ground): ListenerPlaces {
  const { definition } = options;
  const found = (definition.listeners ?? []).map(({ name }, index) => {
    const place = required(places[definition.instances.length + index], 'place of a listener');
    return [nameKey(name), place] as const;
  });
  return new Map(found);
}

class RunningLab implements Lab {
  readonly authority: string;
  readonly closed: Promise<void>;
  readonly #ground: Ground;
  readonly #markClosed: () => void;
  #running: Running;
  #control: ControlServer | null = null;
  #file: LabFile | null = null;
  #closing: Promise<void> | null = null;
  #resetting: Promise<void> = Promise.resolve();

  constructor(ground: Ground, running: Running, authority: string) {
    this.#ground = ground;
    this.#running = running;
    this.authority = authority;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.closed = promise;
    this.#markClosed = resolve;
  }

  /** Starts the control interface and writes the files: the last step of the start. */
  async opened(): Promise<this> {
    const { options, passwords } = this.#ground;
    const token = new Secret(options.random.guid());
    this.#control = await startControl({
      host: '127.0.0.1',
      port: 0,
      token,
      controlled: {
        status: () => this.status(),
        fault: (value) => this.fault(value),
        reset: () => this.reset(),
        stop: () => void this.close(),
      },
    });
    this.#file = writeFolder(options.directory, {
      definition: options.definition,
      instances: this.#describe(),
      listeners: this.#describeListeners(),
      passwords,
      authority: this.authority,
      control: { url: this.#control.url, token },
      pid: process.pid,
    });
    return this;
  }

  get file(): LabFile {
    return required(this.#file, 'lab.json');
  }

  get instances(): readonly LabFileInstance[] {
    return this.file.instances;
  }

  world(): World {
    return this.#running.world;
  }

  status(): LabStatus {
    return labStatus(this.#running.world.state(), this.file);
  }

  password(user: string): Secret {
    return required(this.#ground.passwords.get(user.toLowerCase()), `login ${user}`);
  }

  fault(value: unknown): Result<null, string> {
    const fault = readFault(value);
    if (!fault.ok) return fault;
    const names = this.#ground.options.definition.instances.map(({ name }) => name);
    return applyFault({ world: this.world(), instances: names }, fault.value);
  }

  reset(): Promise<void> {
    this.#resetting = this.#resetAfter(this.#resetting);
    return this.#resetting;
  }

  async #resetAfter(earlier: Promise<void>): Promise<void> {
    await earlier;
    assert(this.#closing === null, 'a lab that ends is not reset');
    await this.#stop();
    prepareFolder(this.#ground.options.directory);
    this.#running = await run(this.#ground, []);
  }

  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #end(): Promise<void> {
    await this.#resetting.catch(() => {});
    await this.#control?.close();
    await this.#stop();
    clearFolder(this.#ground.options.directory);
    this.#markClosed();
  }

  async #stop(): Promise<void> {
    const { world, listeners } = this.#running;
    await Promise.all(listeners.map((listener) => listener.close()));
    world.close();
  }

  #describe(): readonly LabFileInstance[] {
    const { definition } = this.#ground.options;
    return definition.instances.map((instance, index) => {
      const { address, port } = required(this.#ground.places[index], 'place');
      return {
        name: instance.name,
        fqdn: hostFqdn(instance),
        address,
        port,
        version: this.#versionOf(instance.name),
        databases: instance.databases.map(({ name }) => name),
      };
    });
  }

  #describeListeners(): LabFile['listeners'] {
    const places = listenerPlaces(this.#ground);
    return (this.#ground.options.definition.listeners ?? []).map((listener) => ({
      name: listener.name,
      fqdn: hostFqdn(listener),
      ...required(places.get(nameKey(listener.name)), 'place of a listener'),
    }));
  }

  #versionOf(name: string): string {
    const { instances } = this.#running.world.state();
    return versionNumber(required(instances[nameKey(name)], `instance ${name}`));
  }
}
