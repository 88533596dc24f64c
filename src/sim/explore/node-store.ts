/** Situations of the servers by number: equal ones become one, and so do equal instances. */

import { required } from '../../base/assert.ts';
import type { InstanceState } from '../../lab/hadr/state.ts';
import { asText, normalise, textsOf, type HadrNode } from './hadr-node.ts';

/** All situations that were seen. */
export class NodeStore {
  readonly #nodes: HadrNode[] = [];
  readonly #byKey = new Map<string, number>();
  readonly #instances = new Map<string, InstanceState>();
  readonly #instanceTexts = new WeakMap<InstanceState, string>();
  readonly #instanceIds = new Map<string, number>();

  /** Number of situations. */
  get size(): number {
    return this.#nodes.length;
  }

  /** The situation. */
  node(id: number): HadrNode {
    return required(this.#nodes[id], `situation ${id}`);
  }

  /** Number of the situation that is equal to this one, with clocks and counters taken out. */
  intern(raw: HadrNode): number {
    const node = normalise(raw);
    const instances: Record<string, InstanceState> = {};
    let servers = '';
    for (const name in node.state.instances) {
      const { id, instance } = this.#instanceId(node.state.instances[name]);
      instances[name] = instance;
      servers += `${id} `;
    }
    let wire = `${textsOf(node.toTarget)}|${textsOf(node.toSource)}|${textsOf(node.timers)}`;
    for (const way in node.inside) wire += `|${way} ${textsOf(node.inside[way] ?? [])}`;
    const key = `${servers}${node.isCut} ${wire}`;
    const known = this.#byKey.get(key);
    if (known !== undefined) return known;
    const id = this.#nodes.length;
    this.#nodes.push({ ...node, state: { ...node.state, instances } });
    this.#byKey.set(key, id);
    return id;
  }

  /** Equal instances become one object, so that what is remembered by identity is shared. */
  #instanceId(given: InstanceState | undefined): { id: number; instance: InstanceState } {
    const instance = required(given, 'every instance');
    let text = this.#instanceTexts.get(instance);
    if (text === undefined) {
      const { seedingHistory: _history, seedingStreams: _streams, ...rest } = instance;
      text = asText(rest);
      this.#instanceTexts.set(instance, text);
    }
    const known = this.#instanceIds.get(text);
    if (known !== undefined)
      return { id: known, instance: required(this.#instances.get(text), 'instance') };
    const id = this.#instanceIds.size;
    this.#instanceIds.set(text, id);
    this.#instances.set(text, instance);
    return { id, instance };
  }
}
