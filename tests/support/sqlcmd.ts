/** A script in sqlcmd mode, cut and filled as sqlcmd does it: `:CONNECT`, `:setvar`, variables, `GO`. */

/** What runs on one connection. */
export interface SqlcmdPart {
  /** What stands behind `:CONNECT`; null before the first. */
  readonly connect: string | null;
  readonly batches: readonly string[];
}

/**
 * The parts of a script. Variables are replaced once and not again; one that is not defined is an error,
 * as it is for sqlcmd. A line that is `GO` ends a batch wherever it stands, quotes or not.
 */
export function sqlcmdBatches(script: string): readonly SqlcmdPart[] {
  const variables = new Map<string, string>();
  const parts: { connect: string | null; batches: string[] }[] = [{ connect: null, batches: [] }];
  let batch: string[] = [];
  const end = (): void => {
    const text = batch.join('\n').trim();
    const isEmpty = text.split('\n').every((line) => line.trim() === '' || line.startsWith('--'));
    if (!isEmpty) parts.at(-1)?.batches.push(text);
    batch = [];
  };
  for (const line of script.split('\n')) {
    const setting = /^:setvar (\w+) "([^"]*)"$/u.exec(line);
    const connect = /^:CONNECT (.+)$/u.exec(line);
    if (setting !== null) variables.set(setting[1] ?? '', setting[2] ?? '');
    else if (connect !== null) {
      end();
      parts.push({ connect: connect[1] ?? '', batches: [] });
    } else if (/^GO\s*$/iu.test(line)) end();
    else if (line.startsWith(':on error ')) continue;
    else if (line.startsWith(':')) throw new Error(`sqlcmd command not known: ${line}`);
    else {
      const filled = line.replaceAll(/\$\((\w+)\)/gu, (_, name: string) => {
        const value = variables.get(name);
        if (value === undefined) throw new Error(`scripting variable not defined: ${name}`);
        return value;
      });
      batch.push(filled);
    }
  }
  end();
  return parts.filter(({ batches }) => batches.length > 0);
}
