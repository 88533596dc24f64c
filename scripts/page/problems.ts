/** `docs/problems.md` from the catalogue. */

import { ProblemCatalogue } from '../../src/model/problem.ts';

const AREAS: Readonly<Record<string, string>> = {
  CFG: 'Migration file',
  CLI: 'Command line',
};

/** The page. */
export function problemsPage(): string {
  const codes = Object.entries(ProblemCatalogue);
  const areas = [...new Set(codes.map(([code]) => code.split('-')[1] ?? ''))];
  const sections = areas.map((area) => {
    const entries = codes
      .filter(([code]) => code.split('-')[1] === area)
      .map(
        ([code, kind]) =>
          `### ${code}\n\n**${kind.title}.** Exit code ${kind.exitCode}.\n\n${kind.cause}\n\n_What to do:_ ${kind.remedy}\n`,
      );
    return `## ${AREAS[area] ?? area}\n\n${entries.join('\n')}`;
  });
  return `# Problems\n\nEvery problem sqlferry reports has a code. \`sqlferry explain <code>\` prints the same text. Written from the code by \`npm run gen\`.\n\n${sections.join('\n')}`;
}
