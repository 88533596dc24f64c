/**
 * Single conditions of the rules as mutants: the text of a rule file with a switch at each of them.
 *
 * Looked at are `when`, and inside `match` what makes a rule say that it does not apply: `if (...) return
 * null` and `... ? null : ...`. An operand of `&&` that is left out counts as true, one of `||` as false.
 */

import { parseSync } from 'oxc-parser';
import { isMutant } from './mutate-switch.ts';

/** What every node has, and what ours have besides. */
interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [key: string]: unknown;
}

interface Edit {
  readonly at: number;
  readonly text: string;
}

const SWITCH = '__sqlferryMutant';
Object.defineProperty(globalThis, SWITCH, { value: isMutant });

const found: string[] = [];

/** Names of all mutants of conditions in the files loaded so far, as `<rule>: without <condition>`. */
export function conditionMutants(): readonly string[] {
  return found;
}

/** The text of a rule file with its switches in it. */
export function withSwitches(source: string): string {
  const edits: Edit[] = [];
  for (const call of nodesOf(parseSync('rules.ts', source).program, isRuleCall)) {
    const [spec] = call['arguments'] as readonly Node[];
    const properties = (spec?.['properties'] ?? []) as readonly Node[];
    const id = literalOf(properties, 'id');
    const when = valueOf(properties, 'when');
    const match = valueOf(properties, 'match');
    const conditions = [
      ...(when === undefined ? [] : [when['body'] as Node]),
      ...(match === undefined ? [] : refusalsIn(match)),
    ];
    for (const condition of conditions) edit({ id, source, edits }, condition);
  }
  return applied(source, edits);
}

interface Editing {
  readonly id: string;
  readonly source: string;
  readonly edits: Edit[];
}

/** Switches at every operand of AND and OR; a condition of one part was looked at as a whole elsewhere. */
function edit(editing: Editing, node: Node): void {
  if (node.type === 'ParenthesizedExpression') {
    edit(editing, node['expression'] as Node);
    return;
  }
  if (node.type !== 'LogicalExpression' || node['operator'] === '??') return;
  for (const side of ['left', 'right'] as const) {
    const operand = node[side] as Node;
    const shown = editing.source.slice(operand.start, operand.end).replaceAll(/\s+/gu, ' ');
    const name = unique(`${editing.id}: without ${shown}`);
    const neutral = node['operator'] === '&&' ? 'true' : 'false';
    const head = `(globalThis.${SWITCH}(${JSON.stringify(name)}) ? ${neutral} : (`;
    editing.edits.push({ at: operand.start, text: head }, { at: operand.end, text: '))' });
    edit(editing, operand);
  }
}

function unique(name: string): string {
  let shown = name;
  for (let turn = 2; found.includes(shown); turn += 1) shown = `${name} (${turn})`;
  found.push(shown);
  return shown;
}

/** Conditions under which `match` says that the rule does not apply. */
function refusalsIn(match: Node): readonly Node[] {
  return [
    ...nodesOf(match, (node) => node.type === 'IfStatement')
      .filter((node) => returnsNull(node['consequent'] as Node))
      .map((node) => node['test'] as Node),
    ...nodesOf(match, (node) => node.type === 'ConditionalExpression')
      .filter((node) => isNull(node['consequent'] as Node) || isNull(node['alternate'] as Node))
      .map((node) => node['test'] as Node),
  ];
}

function returnsNull(node: Node): boolean {
  if (node.type === 'BlockStatement') {
    const [only] = node['body'] as readonly Node[];
    return only !== undefined && returnsNull(only);
  }
  return node.type === 'ReturnStatement' && isNull(node['argument'] as Node | null);
}

function isNull(node: Node | null): boolean {
  return node !== null && node.type === 'Literal' && node['value'] === null;
}

function isRuleCall(node: Node): boolean {
  return node.type === 'CallExpression' && (node['callee'] as Node)['name'] === 'rule';
}

function valueOf(properties: readonly Node[], key: string): Node | undefined {
  const property = properties.find((each) => (each['key'] as Node | undefined)?.['name'] === key);
  return property?.['value'] as Node | undefined;
}

function literalOf(properties: readonly Node[], key: string): string {
  const value = valueOf(properties, key)?.['value'];
  return typeof value === 'string' ? value : '';
}

function nodesOf(root: unknown, wanted: (node: Node) => boolean): readonly Node[] {
  if (Array.isArray(root)) return root.flatMap((each) => nodesOf(each, wanted));
  if (typeof root !== 'object' || root === null) return [];
  const inside = Object.values(root).flatMap((each) => nodesOf(each, wanted));
  return 'type' in root && wanted(root as Node) ? [root as Node, ...inside] : inside;
}

/** Inserts from the end; at the same place what was written last goes in first. */
function applied(source: string, edits: readonly Edit[]): string {
  const ordered = edits.map((each, order) => ({ ...each, order }));
  ordered.sort((left, right) => right.at - left.at || right.order - left.order);
  let text = source;
  for (const { at, text: more } of ordered) text = text.slice(0, at) + more + text.slice(at);
  return text;
}
