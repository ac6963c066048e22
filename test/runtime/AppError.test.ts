import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { AlertBusy } from '../../src/alerts/AlertBusy.ts';
import { CheckpointLost } from '../../src/alerts/CheckpointLost.ts';
import { CheckpointUntrusted } from '../../src/alerts/CheckpointUntrusted.ts';
import { MessageUnreadable } from '../../src/alerts/MessageUnreadable.ts';
import { WebhookError } from '../../src/alerts/WebhookError.ts';
import { DefenderAnswerUnreadable } from '../../src/defender/DefenderAnswerUnreadable.ts';
import { DefenderHttpError } from '../../src/defender/DefenderHttpError.ts';
import { DefenderPermissionMissing } from '../../src/defender/DefenderPermissionMissing.ts';
import { DefenderUnreachable } from '../../src/defender/DefenderUnreachable.ts';
import { CredentialRefused } from '../../src/identity/CredentialRefused.ts';
import { CredentialUnavailable } from '../../src/identity/CredentialUnavailable.ts';
import { SecretUnavailable } from '../../src/identity/SecretUnavailable.ts';
import { AppError } from '../../src/runtime/AppError.ts';
import { SettingsError } from '../../src/settings/SettingsError.ts';
import { StorageError } from '../../src/storage/StorageError.ts';

const root = path.resolve(import.meta.dirname, '../..');

const http = (serviceStatus: number) =>
  new DefenderHttpError({
    operation: 'Read alerts',
    serviceStatus,
    serviceCode: 'X',
    requestId: undefined,
    retryAfterMs: undefined,
  });
const secret = (status: number | undefined) =>
  new SecretUnavailable({
    secretName: 'x',
    status,
    serviceCode: undefined,
    requestId: undefined,
    cause: undefined,
  });

/** Class, code, and for each case whether the same call may succeed later without anybody changing anything. */
const table: readonly [name: string, code: string, cases: readonly (readonly [AppError, boolean])[]][] = [
  ['AlertBusy', 'alert_busy', [[new AlertBusy('da1'), true]]],
  ['CheckpointLost', 'checkpoint_lost', [[new CheckpointLost(), false]]],
  ['CheckpointUntrusted', 'checkpoint_untrusted', [[new CheckpointUntrusted('t', 's', 'why'), false]]],
  [
    'CredentialRefused',
    'credential_refused',
    [
      [
        new CredentialRefused({
          subject: 'x',
          error: 'invalid_client',
          number: undefined,
          correlationId: undefined,
          cause: undefined,
        }),
        false,
      ],
    ],
  ],
  ['CredentialUnavailable', 'credential_unavailable', [[new CredentialUnavailable('x', undefined), true]]],
  [
    'DefenderAnswerUnreadable',
    'defender_answer_unreadable',
    [[new DefenderAnswerUnreadable('Read alerts', 'it is cut off'), true]],
  ],
  [
    'DefenderHttpError',
    'defender_http_error',
    [
      [http(302), false],
      [http(400), false],
      [http(401), false],
      [http(404), false],
      [http(408), true],
      [http(429), true],
      [http(500), true],
      [http(599), true],
    ],
  ],
  [
    'DefenderPermissionMissing',
    'defender_permission_missing',
    [
      [
        new DefenderPermissionMissing({
          operation: 'Read alerts',
          needed: ['A'],
          granted: [],
          requestId: undefined,
        }),
        false,
      ],
    ],
  ],
  [
    'DefenderUnreachable',
    'defender_unreachable',
    [[new DefenderUnreachable('Read alerts', undefined), true]],
  ],
  ['MessageUnreadable', 'message_unreadable', [[new MessageUnreadable('x'), false]]],
  [
    'SecretUnavailable',
    'secret_unavailable',
    [
      [secret(undefined), true],
      [secret(403), false],
      [secret(404), false],
      [secret(429), true],
      [secret(500), true],
    ],
  ],
  ['SettingsError', 'settings_invalid', [[new SettingsError(['X is missing']), false]]],
  ['StorageError', 'storage_error', [[new StorageError('Read checkpoint', undefined), true]]],
  [
    'WebhookError',
    'webhook_failed',
    [
      [new WebhookError({}), true],
      [new WebhookError({ status: 302 }), false],
      [new WebhookError({ status: 400 }), false],
      [new WebhookError({ status: 408 }), true],
      [new WebhookError({ status: 429 }), true],
      [new WebhookError({ status: 500 }), true],
    ],
  ],
];

function sourceFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => path.join(entry.parentPath, entry.name));
}

describe('the errors that a user can meet', () => {
  it.each(table)(
    '%s has the code %s for good, and says whether trying again can help',
    (name, code, cases) => {
      for (const [error, retryable] of cases) {
        expect(error).toBeInstanceOf(AppError);
        expect(error).toBeInstanceOf(Error);
        expect(error.name).toBe(name);
        expect(error.code).toBe(code);
        expect(error.retryable, error.message).toBe(retryable);
      }
    },
  );

  it('are all in this table, and each has a code of its own', () => {
    const classes = sourceFiles(path.join(root, 'src')).flatMap((file) =>
      [...readFileSync(file, 'utf8').matchAll(/class (\w+) extends AppError\b/g)].map(([, name]) => name),
    );
    expect(classes.sort()).toEqual(table.map(([name]) => name).sort());
    expect(new Set(table.map(([, code]) => code)).size).toBe(table.length);
  });

  it.each(table)(
    '%s has a line in docs/errors.md under %s, which says the same of trying again',
    (_name, code, cases) => {
      const page = path.join(root, 'docs/errors.md');
      expect(existsSync(page), 'docs/errors.md is not there').toBe(true);
      const rows = readFileSync(page, 'utf8')
        .split('\n')
        .filter((line) => line.startsWith('|'))
        .map((line) => line.split('|').map((cell) => cell.trim()));
      const found = rows.filter(([, cell]) => cell === `\`${code}\``);
      expect(found).toHaveLength(1);
      const againByItself = found[0]?.[2] ?? '';
      if (cases.every(([, retryable]) => retryable)) expect(againByItself).toBe('yes');
      else if (cases.every(([, retryable]) => !retryable)) expect(againByItself).toBe('no');
      else expect(againByItself).not.toMatch(/^(yes|no|)$/);
    },
  );

  it('say what was tried and what to do next, in whole sentences', () => {
    for (const [, , cases] of table) {
      for (const [error] of cases) expect(error.message).toMatch(/^[A-Z].*\.$/s);
    }
  });

  it('keep the cause for whoever debugs, where there is one', () => {
    const cause = new Error('x');
    expect(new StorageError('y', cause).cause).toBe(cause);
    expect(Object.hasOwn(new CheckpointLost(), 'cause')).toBe(false);
  });
});
