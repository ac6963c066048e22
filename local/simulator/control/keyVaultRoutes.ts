import { ticksPerMillisecond } from '../clock/ticks.ts';
import { addCertificate, addSecret } from '../entra/credentials.ts';
import type { Registration } from '../entra/Principal.ts';
import { createCertificatePair } from '../keyVault/createCertificatePair.ts';
import { certificateFormats } from '../keyVault/VaultCertificates.ts';
import { apiCertificateName, apiSecretName, certificateName, secretName } from '../keyVault/vaultNames.ts';
import type { World } from '../World.ts';
import { NotFoundError, type ControlRoute } from './ControlRoute.ts';
import { getLifetimeMs } from './credentialRoutes.ts';
import { getPrincipal } from './getPrincipal.ts';
import { Input, InputError } from './Input.ts';

/** Changing what is in the vault and who may read it. */
export function keyVaultRoutes(world: World): readonly ControlRoute[] {
  return [
    {
      method: 'POST',
      path: '/keyvault/secrets/{id}',
      summary:
        'Set a secret: a new version with value, and optionally expiresAt, contentType, tags, enabled.',
      answer: ({ id, body }) => setSecret(world, id, new Input(body)),
    },
    {
      method: 'PATCH',
      path: '/keyvault/secrets/{id}',
      summary:
        'Enable or disable the current version of a secret, or the one given as version; set expiresAt.',
      answer: ({ id, body }) => {
        const input = new Input(body).allow('enabled', 'version', 'expiresAt');
        const secret = world.secrets.find(id, input.findString('version'));
        if (secret === undefined) throw new NotFoundError(`There is no such secret ${id}.`);
        secret.isEnabled = input.findBoolean('enabled') ?? secret.isEnabled;
        const expiresAt = input.findInstant('expiresAt');
        if (expiresAt !== undefined) secret.expiresMs = Number(expiresAt / ticksPerMillisecond);
        secret.updatedMs = world.clock.nowMs();
        return { name: id, version: secret.version, enabled: secret.isEnabled };
      },
    },
    {
      method: 'DELETE',
      path: '/keyvault/secrets/{id}',
      summary: 'Remove a secret with all its versions.',
      answer: ({ id }) => {
        if (!world.secrets.remove(id)) throw new NotFoundError(`There is no secret ${id}.`);
      },
    },
    {
      method: 'PATCH',
      path: '/keyvault/certificates/{id}',
      summary: 'Store the same certificate again in another format: pfx, legacyPfx or pem.',
      answer: ({ id, body }) => {
        const pair = world.certificates.find(id);
        if (pair === undefined) throw new NotFoundError(`There is no certificate ${id}.`);
        const format = new Input(body).allow('format').findOneOf('format', certificateFormats);
        const { version } = world.certificates.set(id, pair, world.clock.nowMs(), format);
        return { name: id, version };
      },
    },
    {
      method: 'POST',
      path: '/keyvault/readers',
      summary: 'Let a principal read secrets (granted: true), or no longer.',
      answer: ({ body }) => {
        const input = new Input(body).allow('principal', 'granted');
        const { objectId } = getPrincipal(world, input);
        if (input.findBoolean('granted') ?? true) world.secretReaders.add(objectId);
        else world.secretReaders.delete(objectId);
        return { readers: [...world.secretReaders] };
      },
    },
    {
      method: 'POST',
      path: '/keyvault/officers',
      summary: 'Let a principal read, set and change secrets (granted: true), or no longer.',
      answer: ({ body }) => {
        const input = new Input(body).allow('principal', 'granted');
        const { objectId } = getPrincipal(world, input);
        if (input.findBoolean('granted') ?? true) world.secretOfficers.add(objectId);
        else world.secretOfficers.delete(objectId);
        return { officers: [...world.secretOfficers] };
      },
    },
    {
      method: 'POST',
      path: '/secret/rotate',
      summary:
        'Make a new secret of the application and store it in the vault; revokeOld: true ends the old ones at once.',
      answer: ({ body }) => rotateSecret(world, new Input(body)),
    },
    {
      method: 'POST',
      path: '/certificate/rotate',
      summary: 'Likewise for the certificate of the application, in a format.',
      answer: ({ body }) => rotateCertificate(world, new Input(body)),
    },
  ];
}

const secretNamePattern = /^[0-9A-Za-z-]{1,127}$/;

function setSecret({ secrets, clock }: World, name: string, input: Input): unknown {
  input.allow('value', 'expiresAt', 'contentType', 'tags', 'enabled');
  if (!secretNamePattern.test(name))
    throw new InputError(`'${name}' is no secret name: letters, digits and hyphens only.`);
  const expiresAt = input.findInstant('expiresAt');
  const contentType = input.findString('contentType');
  const tags = input.findStrings('tags');
  const { version } = secrets.set(name, input.getString('value'), clock.nowMs(), {
    isEnabled: input.findBoolean('enabled') ?? true,
    ...(expiresAt === undefined ? {} : { expiresMs: Number(expiresAt / ticksPerMillisecond) }),
    ...(contentType === undefined ? {} : { contentType }),
    ...(tags === undefined ? {} : { tags }),
  });
  return { name, version };
}

function rotateSecret(world: World, input: Input): unknown {
  input.allow('principal', 'revokeOld', 'expiresInSeconds');
  const { registration, isApi } = getOwner(world, input);
  const name = isApi ? apiSecretName : secretName;
  const nowMs = world.clock.nowMs();
  const added = addSecret(registration, nowMs, getLifetimeMs(input));
  const { version } = world.secrets.set(name, added.value, nowMs, { expiresMs: added.expiresMs });
  if (input.findBoolean('revokeOld') === true) keepOnly(registration.secrets, added);
  return { secretName: name, version, keyId: added.keyId };
}

async function rotateCertificate(world: World, input: Input): Promise<unknown> {
  input.allow('principal', 'revokeOld', 'expiresInSeconds', 'format');
  const { registration, isApi } = getOwner(world, input);
  const name = isApi ? apiCertificateName : certificateName;
  const format = input.findOneOf('format', certificateFormats);
  const nowMs = world.clock.nowMs();
  const expiresMs = nowMs + getLifetimeMs(input);
  const pair = await createCertificatePair(registration.displayName, nowMs - 3_600_000, expiresMs);
  const added = addCertificate(registration, pair.certificate);
  const { version } = world.certificates.set(name, pair, nowMs, format);
  if (input.findBoolean('revokeOld') === true) keepOnly(registration.certificates, added);
  return { certificateName: name, version, keyId: added.keyId, thumbprint: added.thumbprint };
}

/** Two applications keep credentials in the vault: the Defender application, and the functions' own API. */
function getOwner(world: World, input: Input): { registration: Registration; isApi: boolean } {
  const { registration } = getPrincipal(world, input);
  const isApi = registration === world.api.registration;
  if (!isApi && registration !== world.application.registration)
    throw new InputError(`${registration.displayName} keeps nothing in the vault.`);
  return { registration, isApi };
}

function keepOnly<Value>(all: Value[], one: Value): void {
  all.splice(0, all.length, one);
}
