import {
  addCertificate,
  addFederatedCredential,
  addSecret,
  type FederatedCredential,
} from '../entra/credentials.ts';
import { trustIdentity } from '../entra/trustIdentity.ts';
import { createCertificatePair } from '../keyVault/createCertificatePair.ts';
import { certificateFormats } from '../keyVault/VaultCertificates.ts';
import { credentialLifetimeMs } from '../keyVault/fillVault.ts';
import type { World } from '../World.ts';
import { NotFoundError, type ControlRoute } from './ControlRoute.ts';
import { describeCertificate, describePrincipal, describeSecret } from './describePrincipal.ts';
import { getPrincipal } from './getPrincipal.ts';
import { Input, InputError } from './Input.ts';

/** The credentials of applications. `entraUrl` is where Entra is reached. */
export function credentialRoutes(world: World, entraUrl: () => string): readonly ControlRoute[] {
  return [
    {
      method: 'POST',
      path: '/entra/secrets',
      summary: 'Add a secret to an application; the answer holds its value, as Microsoft Graph’s does.',
      answer: ({ body }) => {
        const input = new Input(body).allow('principal', 'expiresInSeconds', 'vaultName');
        const { registration } = getPrincipal(world, input);
        const secret = addSecret(registration, world.clock.nowMs(), getLifetimeMs(input));
        const name = input.findString('vaultName');
        const details = { expiresMs: secret.expiresMs };
        if (name !== undefined) world.secrets.set(name, secret.value, world.clock.nowMs(), details);
        return { ...describeSecret(secret), secretText: secret.value };
      },
    },
    ...endings(world, 'secrets'),
    {
      method: 'POST',
      path: '/entra/certificates',
      summary:
        'Register a certificate of an application: the one given, or a new one, whose key the answer holds.',
      answer: ({ body }) => registerCertificate(world, new Input(body)),
    },
    ...endings(world, 'certificates'),
    {
      method: 'POST',
      path: '/entra/federated-credentials',
      summary:
        'Let an application prove itself with tokens of an identity, or of issuer, subject and audience.',
      answer: ({ body }) => trust(world, new Input(body), entraUrl()),
    },
    {
      method: 'DELETE',
      path: '/entra/federated-credentials/{id}',
      summary: 'Remove a federated credential.',
      answer: ({ id }) => {
        for (const { registration } of world.directory.listPrincipals()) {
          const { federatedCredentials: all } = registration;
          const index = all.findIndex((one) => one.id === id);
          if (index === -1) continue;
          all.splice(index, 1);
          return;
        }
        throw new NotFoundError(`There is no federated credential ${id}; GET /entra/principals lists them.`);
      },
    },
    {
      method: 'POST',
      path: '/entra/redirect-uris',
      summary: 'Register a redirect URI of an application (registered: true), or remove it.',
      answer: ({ body }) => {
        const input = new Input(body).allow('principal', 'redirectUri', 'registered');
        const { redirectUris } = getPrincipal(world, input).registration;
        const uri = input.getString('redirectUri');
        const index = redirectUris.indexOf(uri);
        if (index !== -1) redirectUris.splice(index, 1);
        if (input.findBoolean('registered') ?? true) redirectUris.push(uri);
        return { redirectUris };
      },
    },
  ];
}

/** The lifetime of a new credential from `expiresInSeconds`, 180 days when absent. */
export function getLifetimeMs(input: Input): number {
  const seconds = input.findNumber('expiresInSeconds', { least: 0 });
  return seconds === undefined ? credentialLifetimeMs : seconds * 1000;
}

/** Letting secrets or certificates expire now, and removing them. */
function endings(world: World, what: 'secrets' | 'certificates'): readonly ControlRoute[] {
  const choose = (body: unknown) => {
    const input = new Input(body).allow('principal', 'keyId');
    const principal = getPrincipal(world, input);
    const keyId = input.findString('keyId');
    const all: { readonly keyId: string; expiresMs: number }[] = principal.registration[what];
    const chosen = all.filter((one) => keyId === undefined || one.keyId === keyId);
    if (chosen.length === 0)
      throw new NotFoundError(`There are no such ${what}; GET /entra/principals lists them.`);
    return { principal, all, chosen };
  };
  return [
    {
      method: 'POST',
      path: `/entra/${what}/expire`,
      summary: `Let ${what} of an application expire now: all, or the one with keyId.`,
      answer: ({ body }) => {
        const { principal, chosen } = choose(body);
        for (const one of chosen) one.expiresMs = world.clock.nowMs();
        return describePrincipal(principal);
      },
    },
    {
      method: 'POST',
      path: `/entra/${what}/revoke`,
      summary: `Remove ${what} of an application: all, or the one with keyId.`,
      answer: ({ body }) => {
        const { principal, all, chosen } = choose(body);
        for (const one of chosen) all.splice(all.indexOf(one), 1);
        return describePrincipal(principal);
      },
    },
  ];
}

async function registerCertificate(world: World, input: Input): Promise<unknown> {
  input.allow('principal', 'certificate', 'expiresInSeconds', 'notBeforeInSeconds', 'vaultName', 'format');
  const { registration } = getPrincipal(world, input);
  const given = input.findString('certificate');
  if (given !== undefined) return describeCertificate(addCertificate(registration, given));
  const nowMs = world.clock.nowMs();
  const startMs = nowMs + (input.findNumber('notBeforeInSeconds') ?? -3600) * 1000;
  const pair = await createCertificatePair(registration.displayName, startMs, nowMs + getLifetimeMs(input));
  const certificate = addCertificate(registration, pair.certificate);
  const name = input.findString('vaultName');
  const format = input.findOneOf('format', certificateFormats);
  const version =
    name === undefined ? {} : { version: world.certificates.set(name, pair, nowMs, format).version };
  return { ...describeCertificate(certificate), ...pair, ...version };
}

/** With `identity`, everything else follows from it. */
function trust(
  { directory, tokenEndpoint, ...world }: World,
  input: Input,
  entraUrl: string,
): FederatedCredential {
  input.allow('principal', 'identity', 'name', 'issuer', 'subject', 'audience');
  const principal = getPrincipal({ directory, tokenEndpoint, ...world }, input);
  const name = input.findString('name');
  const identityName = input.findString('identity');
  if (identityName === undefined) {
    return addFederatedCredential(principal.registration, {
      name: input.getString('name'),
      issuer: input.getString('issuer'),
      subject: input.getString('subject'),
      audience: input.getString('audience'),
    });
  }
  const identity = directory.findPrincipal(identityName);
  if (identity === undefined) throw new InputError(`There is no identity ${identityName}.`);
  const { cloud } = tokenEndpoint;
  return trustIdentity(principal, identity, { entraUrl, cloud, ...(name === undefined ? {} : { name }) });
}
