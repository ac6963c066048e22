import { ticksPerMillisecond } from '../clock/ticks.ts';
import { addSecret } from '../entra/Directory.ts';
import { secretName, type World } from '../World.ts';
import { NotFoundError, type ControlRoute } from './ControlRoute.ts';
import { getLifetimeMs, getPrincipal } from './entraRoutes.ts';
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
      summary: 'Enable or disable the current version of a secret, or the one given as version.',
      answer: ({ id, body }) => {
        const input = new Input(body).allow('enabled', 'version');
        const secret = world.secrets.find(id, input.findString('version'));
        if (secret === undefined) throw new NotFoundError(`There is no such secret ${id}.`);
        secret.isEnabled = input.findBoolean('enabled') ?? secret.isEnabled;
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

function rotateSecret({ application, secrets, clock }: World, input: Input): unknown {
  input.allow('revokeOld', 'expiresInSeconds');
  const added = addSecret(application, clock.nowMs(), getLifetimeMs(input));
  const { version } = secrets.set(secretName, added.value, clock.nowMs(), { expiresMs: added.expiresMs });
  if (input.findBoolean('revokeOld') === true) {
    application.secrets.splice(0, application.secrets.length, added);
  }
  return { secretName, version, keyId: added.keyId };
}
