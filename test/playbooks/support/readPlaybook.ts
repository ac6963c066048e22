import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Definition } from '../../support/workflow/Definition.ts';
import { readDefinition } from '../../support/workflow/readDefinition.ts';

/** The playbooks by the names of their folders. */
export const playbookNames = [
  'isolate-on-high-severity',
  'hunt-indicator',
  'release-after-approval',
] as const;

export type PlaybookName = (typeof playbookNames)[number];

export const playbooksFolder = path.join(import.meta.dirname, '..', '..', '..', 'infra', 'playbooks');

/** The identity that the tests deploy a playbook with. */
export const IDENTITY_ID =
  '/subscriptions/0f0f0f0f-0000-4000-8000-000000000000/resourceGroups/test/providers/Microsoft.ManagedIdentity/userAssignedIdentities/playbooks';

/** The definition as its Bicep file deploys it. */
export function readPlaybook(name: PlaybookName): Definition {
  const text = readFileSync(path.join(playbooksFolder, name, 'workflow.json'), 'utf8');
  return readDefinition(JSON.parse(text.replaceAll('{identityId}', IDENTITY_ID)));
}
