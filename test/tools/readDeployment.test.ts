import { describe, expect, it } from 'vitest';
import { readDeployment, requireValues } from '../../tools/readDeployment.ts';

const azd = () => ({ API_URL: 'https://from-azd', DEFENDER_CLIENT_ID: '', KEY_VAULT_URL: 'https://vault' });

describe('what is known of a deployment', () => {
  it('is what azd keeps, and what the environment says goes before it', () => {
    expect(readDeployment({ API_URL: 'https://mine', KEY_VAULT_URL: ' ' }, azd)).toEqual({
      API_URL: 'https://mine',
      KEY_VAULT_URL: 'https://vault',
    });
  });

  it('is named completely when something is missing', () => {
    expect(() => requireValues({ A: 'a', B: ' ' }, 'A', 'B', 'C')).toThrow(
      'Not known: B, C. Set them, or choose the deployment with: azd env select <name>',
    );
  });
});
