import { describeDeployment, type Deployment } from './describeDeployment.ts';
import { parameterSets, type ParameterSet } from './parameterSets.ts';

const headings: Readonly<Record<keyof Deployment, string>> = {
  roles: 'Roles in Azure',
  permissions: 'Permissions in Entra',
  registrations: 'Registrations in Entra',
  settings: 'App settings',
  resources: 'Resources',
};
const aspects: readonly (keyof Deployment)[] = [
  'roles',
  'permissions',
  'registrations',
  'settings',
  'resources',
];

/**
 * infra/snapshot.md: what each set of parameters grants, sets and makes. The first in full, the others as what they add
 * and leave out, so that a review sees at once what a change grants.
 *
 * @param root the folder of the repository.
 */
export function formatSnapshot(root: string): string {
  const [first, ...others] = parameterSets;
  const base = describeDeployment(root, first.params);
  const sections = aspects.map((aspect) => `### ${headings[aspect]}\n\n${block(base[aspect])}`);
  const differences = others.map((set) =>
    difference(set, base, describeDeployment(root, set.params, set.azure)),
  );
  return `# What a deployment makes

Written by \`npm run infra:snapshot\` from the Bicep files, by reading; \`npm test\` compares it. What only Azure knows stands in angle brackets.

## ${first.title}

${[parametersOf(first), ...sections].join('\n\n')}

${differences.join('\n\n')}
`;
}

function difference(set: ParameterSet, base: Deployment, own: Deployment): string {
  const sections = aspects.flatMap((aspect) => {
    const added = own[aspect].filter((line) => !base[aspect].includes(line)).map((line) => `+ ${line}`);
    const left = base[aspect].filter((line) => !own[aspect].includes(line)).map((line) => `- ${line}`);
    const lines = [...left, ...added];
    return lines.length > 0 ? [`### ${headings[aspect]}: ${set.title}\n\n${block(lines, 'diff')}`] : [];
  });
  return [`## ${set.title}`, parametersOf(set), ...sections].join('\n\n');
}

function parametersOf({ params, azure }: ParameterSet): string {
  const where = azure ? `In ${azure}. ` : '';
  return `${where}Parameters: ${Object.entries(params)
    .map(([name, value]) => `\`${name}\` = \`${JSON.stringify(value)}\``)
    .join(', ')}.`;
}

function block(lines: readonly string[], language = 'text'): string {
  return ['```' + language, ...(lines.length > 0 ? lines : ['(none)']), '```'].join('\n');
}
