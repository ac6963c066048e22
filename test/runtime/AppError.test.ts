import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { AlertBusy } from '../../src/alerts/AlertBusy.ts';
import { CheckpointLost } from '../../src/alerts/CheckpointLost.ts';
import { CheckpointUntrusted } from '../../src/alerts/CheckpointUntrusted.ts';
import { MessageUnreadable } from '../../src/alerts/MessageUnreadable.ts';
import { WebhookError } from '../../src/alerts/WebhookError.ts';
import { DefenderAnswerTooLarge } from '../../src/defender/DefenderAnswerTooLarge.ts';
import { DefenderAnswerUnreadable } from '../../src/defender/DefenderAnswerUnreadable.ts';
import { DefenderHttpError } from '../../src/defender/DefenderHttpError.ts';
import { DefenderPermissionMissing } from '../../src/defender/DefenderPermissionMissing.ts';
import { DefenderUnreachable } from '../../src/defender/DefenderUnreachable.ts';
import { PersonNotPermitted } from '../../src/defender/PersonNotPermitted.ts';
import { DeviceAmbiguous } from '../../src/devices/DeviceAmbiguous.ts';
import { DeviceMerged } from '../../src/devices/DeviceMerged.ts';
import { DeviceNotFound } from '../../src/devices/DeviceNotFound.ts';
import { DeviceProtected } from '../../src/devices/DeviceProtected.ts';
import { DeviceUnsuitable } from '../../src/devices/DeviceUnsuitable.ts';
import { AccessCheckRunning } from '../../src/doctor/AccessCheckRunning.ts';
import { BodyTooLarge } from '../../src/http/BodyTooLarge.ts';
import { CallerNotAllowed } from '../../src/http/CallerNotAllowed.ts';
import { CallerRoleMissing } from '../../src/http/CallerRoleMissing.ts';
import { CallerUnauthenticated } from '../../src/http/CallerUnauthenticated.ts';
import { ContentTypeUnsupported } from '../../src/http/ContentTypeUnsupported.ts';
import { InputInvalid } from '../../src/http/InputInvalid.ts';
import { RequestTimedOut } from '../../src/http/RequestTimedOut.ts';
import { SigningKeysUnavailable } from '../../src/http/SigningKeysUnavailable.ts';
import { HuntLimitReached } from '../../src/hunting/HuntLimitReached.ts';
import { HuntQueryInvalid } from '../../src/hunting/HuntQueryInvalid.ts';
import { HuntThrottled } from '../../src/hunting/HuntThrottled.ts';
import { HuntTimedOut } from '../../src/hunting/HuntTimedOut.ts';
import { HuntingApiRetired } from '../../src/hunting/HuntingApiRetired.ts';
import { HuntTimespanUnsupported } from '../../src/hunting/HuntTimespanUnsupported.ts';
import { CertificateUnusable } from '../../src/identity/CertificateUnusable.ts';
import { CredentialRefused } from '../../src/identity/CredentialRefused.ts';
import { CredentialUnavailable } from '../../src/identity/CredentialUnavailable.ts';
import { OnBehalfOfRefused } from '../../src/identity/OnBehalfOfRefused.ts';
import { permissionTable } from '../../src/identity/permissions.ts';
import { SecretUnavailable } from '../../src/identity/SecretUnavailable.ts';
import { TenantNeedsApplication } from '../../src/identity/TenantNeedsApplication.ts';
import { ActionCapReached } from '../../src/operations/ActionCapReached.ts';
import { ActionsPaused } from '../../src/operations/ActionsPaused.ts';
import { IdempotencyConflict } from '../../src/operations/IdempotencyConflict.ts';
import { OperationNotFound } from '../../src/operations/OperationNotFound.ts';
import { OperationUntrusted } from '../../src/operations/OperationUntrusted.ts';
import { AlertNotFound } from '../../src/reading/AlertNotFound.ts';
import { IncidentNotFound } from '../../src/reading/IncidentNotFound.ts';
import { ReadFilterInvalid } from '../../src/reading/ReadFilterInvalid.ts';
import { ReadThrottled } from '../../src/reading/ReadThrottled.ts';
import { AppError } from '../../src/runtime/AppError.ts';
import { SettingsError } from '../../src/settings/SettingsError.ts';
import { StorageError } from '../../src/storage/StorageError.ts';
import { OnBehalfOfOff } from '../../src/tenants/OnBehalfOfOff.ts';
import { PersonElsewhere } from '../../src/tenants/PersonElsewhere.ts';
import { PersonRequired } from '../../src/tenants/PersonRequired.ts';
import { TenantNotAllowed } from '../../src/tenants/TenantNotAllowed.ts';
import { TenantNotFound } from '../../src/tenants/TenantNotFound.ts';
import { TenantPaused } from '../../src/tenants/TenantPaused.ts';
import { TenantUntrusted } from '../../src/tenants/TenantUntrusted.ts';

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

const throttled = (isCpuQuota: boolean) =>
  new HuntThrottled({ isCpuQuota, retryAfterMs: 60_000, requestId: undefined });
const refused = new CredentialRefused({
  subject: 'x',
  error: 'invalid_client',
  number: undefined,
  correlationId: undefined,
  cause: undefined,
});
const forbidden = new DefenderPermissionMissing({
  operation: 'Read alerts',
  permission: permissionTable.pullAlerts,
  claims: undefined,
  wasAsked: true,
  requestId: undefined,
});
const tooOften = new CredentialRefused({
  subject: 'x',
  error: 'invalid_grant',
  number: '50196',
  cause: undefined,
});
const person = { isPerson: true, roles: [], scopes: ['A'] } as const;
const notPermitted = new PersonNotPermitted({
  operation: 'Read alerts',
  permission: permissionTable.pullAlerts,
  claims: { ...person, tenantId: undefined, applicationId: undefined, personName: undefined },
  requestId: undefined,
});
const onBehalfOfRefused = new OnBehalfOfRefused({
  subject: 'x',
  failure: {
    error: 'interaction_required',
    number: '50076',
    correlationId: undefined,
    traceId: undefined,
    claims: undefined,
    isPassing: false,
  },
  authorizeUrl: 'https://login.microsoftonline.com/x/oauth2/v2.0/authorize',
  tenantId: 'x',
  cause: undefined,
});

type Case = readonly [error: AppError, retryable: boolean, httpStatus: number];

/**
 * Class, code, and for each case whether the same call may succeed later without anybody changing anything, and the
 * status that a caller of ours gets.
 */
const table: readonly [name: string, code: string, cases: readonly Case[]][] = [
  ['AccessCheckRunning', 'access_check_running', [[new AccessCheckRunning('fabrikam'), true, 429]]],
  [
    'ActionCapReached',
    'action_cap_reached',
    [[new ActionCapReached('ACTION_CAP_PER_HOUR', 5, 1_000), true, 429]],
  ],
  ['ActionsPaused', 'actions_paused', [[new ActionsPaused('maintenance'), false, 422]]],
  ['AlertNotFound', 'alert_not_found', [[new AlertNotFound('da1'), false, 404]]],
  ['AlertBusy', 'alert_busy', [[new AlertBusy('da1'), true, 500]]],
  ['BodyTooLarge', 'body_too_large', [[new BodyTooLarge(5), false, 413]]],
  ['CallerNotAllowed', 'caller_not_allowed', [[new CallerNotAllowed('x'), false, 403]]],
  ['CallerRoleMissing', 'caller_role_missing', [[new CallerRoleMissing('x', ['Defender.Read']), false, 403]]],
  [
    'CallerUnauthenticated',
    'caller_unauthenticated',
    [[new CallerUnauthenticated('there is no token'), false, 401]],
  ],
  [
    'CertificateUnusable',
    'certificate_unusable',
    [[new CertificateUnusable('x', 'it is neither PEM nor PFX'), false, 503]],
  ],
  ['CheckpointLost', 'checkpoint_lost', [[new CheckpointLost(), false, 500]]],
  ['CheckpointUntrusted', 'checkpoint_untrusted', [[new CheckpointUntrusted('t', 's', 'why'), false, 500]]],
  ['ContentTypeUnsupported', 'content_type_unsupported', [[new ContentTypeUnsupported(), false, 415]]],
  [
    'CredentialRefused',
    'credential_refused',
    [
      [refused, false, 502],
      [tooOften, true, 502],
    ],
  ],
  [
    'CredentialUnavailable',
    'credential_unavailable',
    [[new CredentialUnavailable('x', undefined), true, 503]],
  ],
  [
    'DefenderAnswerTooLarge',
    'defender_answer_too_large',
    [[new DefenderAnswerTooLarge('Read alerts', 5), false, 502]],
  ],
  [
    'DefenderAnswerUnreadable',
    'defender_answer_unreadable',
    [[new DefenderAnswerUnreadable('Read alerts', 'it is cut off'), true, 502]],
  ],
  [
    'DefenderHttpError',
    'defender_http_error',
    [
      [http(302), false, 502],
      [http(400), false, 502],
      [http(401), false, 502],
      [http(404), false, 502],
      [http(408), true, 502],
      [http(429), true, 503],
      [http(500), true, 502],
      [http(599), true, 502],
    ],
  ],
  ['DefenderPermissionMissing', 'defender_permission_missing', [[forbidden, false, 502]]],
  [
    'DefenderUnreachable',
    'defender_unreachable',
    [[new DefenderUnreachable('Read alerts', undefined), true, 503]],
  ],
  ['DeviceAmbiguous', 'device_ambiguous', [[new DeviceAmbiguous('x', []), false, 409]]],
  ['DeviceMerged', 'device_merged', [[new DeviceMerged('a', 'b'), false, 409]]],
  ['DeviceNotFound', 'device_not_found', [[new DeviceNotFound('x'), false, 404]]],
  ['DeviceProtected', 'device_protected', [[new DeviceProtected('x', 'PROTECTED_DEVICE_IDS'), false, 422]]],
  [
    'DeviceUnsuitable',
    'device_unsuitable',
    [
      [new DeviceUnsuitable('x', true), false, 422],
      [new DeviceUnsuitable('x', false), false, 422],
    ],
  ],
  ['HuntLimitReached', 'hunt_preempted', [[new HuntLimitReached('hunt_preempted', undefined), false, 422]]],
  [
    'HuntLimitReached',
    'hunt_result_too_large',
    [[new HuntLimitReached('hunt_result_too_large', undefined), false, 422]],
  ],
  [
    'HuntQueryInvalid',
    'hunt_query_invalid',
    [
      [new HuntQueryInvalid('Syntax error', undefined), false, 400],
      [new HuntQueryInvalid('Syntax error.', undefined), false, 400],
    ],
  ],
  ['HuntThrottled', 'hunt_quota_exhausted', [[throttled(true), true, 429]]],
  ['HuntThrottled', 'hunt_throttled', [[throttled(false), true, 429]]],
  ['HuntTimedOut', 'hunt_timed_out', [[new HuntTimedOut(undefined), true, 504]]],
  [
    'HuntTimespanUnsupported',
    'hunt_timespan_unsupported',
    [[new HuntTimespanUnsupported('xdr'), false, 400]],
  ],
  [
    'HuntingApiRetired',
    'hunting_api_retired',
    [[new HuntingApiRetired('xdr', '2027-02-01', forbidden), false, 502]],
  ],
  ['IdempotencyConflict', 'idempotency_conflict', [[new IdempotencyConflict('x'), false, 422]]],
  ['IncidentNotFound', 'incident_not_found', [[new IncidentNotFound('1'), false, 404]]],
  [
    'InputInvalid',
    'input_invalid',
    [[new InputInvalid([{ target: 'body.comment', message: 'is missing' }]), false, 400]],
  ],
  ['MessageUnreadable', 'message_unreadable', [[new MessageUnreadable('x'), false, 500]]],
  ['OnBehalfOfOff', 'on_behalf_of_off', [[new OnBehalfOfOff(), false, 403]]],
  ['OnBehalfOfRefused', 'on_behalf_of_refused', [[onBehalfOfRefused, false, 403]]],
  ['OperationNotFound', 'operation_not_found', [[new OperationNotFound('x'), false, 404]]],
  ['OperationUntrusted', 'operation_untrusted', [[new OperationUntrusted('x', 'it is damaged'), false, 500]]],
  [
    'ReadFilterInvalid',
    'read_filter_invalid',
    [[new ReadFilterInvalid('status', ['new', 'resolved']), false, 400]],
  ],
  ['ReadThrottled', 'read_throttled', [[new ReadThrottled(1_000, undefined), true, 429]]],
  [
    'PersonElsewhere',
    'person_elsewhere',
    [[new PersonElsewhere({ id: 'contoso.example', name: 'x' }), false, 403]],
  ],
  ['PersonNotPermitted', 'person_not_permitted', [[notPermitted, false, 403]]],
  ['PersonRequired', 'person_required', [[new PersonRequired('isolate'), false, 403]]],
  ['RequestTimedOut', 'request_timed_out', [[new RequestTimedOut(), true, 503]]],
  [
    'SecretUnavailable',
    'secret_unavailable',
    [
      [secret(undefined), true, 503],
      [secret(403), false, 503],
      [secret(404), false, 503],
      [secret(429), true, 503],
      [secret(500), true, 503],
    ],
  ],
  ['SettingsError', 'settings_invalid', [[new SettingsError(['X is missing']), false, 503]]],
  [
    'SigningKeysUnavailable',
    'signing_keys_unavailable',
    [[new SigningKeysUnavailable(undefined), true, 503]],
  ],
  ['StorageError', 'storage_error', [[new StorageError('Read checkpoint', undefined), true, 503]]],
  ['TenantNeedsApplication', 'tenant_needs_application', [[new TenantNeedsApplication('x'), false, 409]]],
  ['TenantNotAllowed', 'tenant_not_allowed', [[new TenantNotAllowed('x'), false, 403]]],
  ['TenantNotFound', 'tenant_not_found', [[new TenantNotFound('x'), false, 404]]],
  ['TenantPaused', 'tenant_paused', [[new TenantPaused('x'), false, 409]]],
  ['TenantUntrusted', 'tenant_untrusted', [[new TenantUntrusted('x', 'it is damaged'), false, 500]]],
  [
    'WebhookError',
    'webhook_failed',
    [
      [new WebhookError({}), true, 500],
      [new WebhookError({ status: 302 }), false, 500],
      [new WebhookError({ status: 400 }), false, 500],
      [new WebhookError({ status: 408 }), true, 500],
      [new WebhookError({ status: 429 }), true, 500],
      [new WebhookError({ status: 500 }), true, 500],
    ],
  ],
];

/** How operations fail that no error class stands for: the end of a machine action, and what the app decides itself. */
const operationCodes = [
  'action_outcome_unknown',
  'machine_action_cancelled',
  'machine_action_failed',
  'machine_action_gone',
  'machine_action_timed_out',
  'operation_expired',
  'operation_superseded',
  'person_absent',
];

/** The lines of docs/errors.md, each as its cells. */
function documentedRows(): string[][] {
  const page = path.join(root, 'docs/errors.md');
  expect(existsSync(page), 'docs/errors.md is not there').toBe(true);
  return readFileSync(page, 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) => line.split('|').map((cell) => cell.trim()));
}

function sourceFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => path.join(entry.parentPath, entry.name));
}

describe('the errors that a user can meet', () => {
  it.each(table)(
    '%s has the code %s for good, its status, and says whether trying again can help',
    (name, code, cases) => {
      for (const [error, retryable, httpStatus] of cases) {
        expect(error).toBeInstanceOf(AppError);
        expect(error).toBeInstanceOf(Error);
        expect(error.name).toBe(name);
        expect(error.code).toBe(code);
        expect(error.retryable, error.message).toBe(retryable);
        expect(error.httpStatus, error.message).toBe(httpStatus);
      }
    },
  );

  it('are all in this table, and each has a code of its own', () => {
    const classes = sourceFiles(path.join(root, 'src')).flatMap((file) =>
      [...readFileSync(file, 'utf8').matchAll(/class (\w+) extends AppError\b/g)].map(([, name]) => name),
    );
    expect(classes.sort()).toEqual([...new Set(table.map(([name]) => name))].sort());
    expect(new Set(table.map(([, code]) => code)).size).toBe(table.length);
  });

  it.each(table)(
    '%s has a line in docs/errors.md under %s, which says the same of trying again',
    (_name, code, cases) => {
      const found = documentedRows().filter(([, cell]) => cell === `\`${code}\``);
      expect(found).toHaveLength(1);
      const againByItself = found[0]?.[2] ?? '';
      if (cases.every(([, retryable]) => retryable)) expect(againByItself).toBe('yes');
      else if (cases.every(([, retryable]) => !retryable)) expect(againByItself).toBe('no');
      else expect(againByItself).not.toMatch(/^(yes|no|)$/);
    },
  );

  it('of operations are all in this list, and have a line each that says that nobody tries again', () => {
    const written = sourceFiles(path.join(root, 'src', 'devices')).flatMap((file) =>
      [...readFileSync(file, 'utf8').matchAll(/(?:\bcode: |\bfail\(\s*'\w+',\s*)'([a-z_]+)'/g)].map(
        ([, code]) => code,
      ),
    );
    expect([...new Set(written)].sort()).toEqual(operationCodes);
    for (const code of [...operationCodes, 'unexpected_error']) {
      const found = documentedRows().filter(([, cell, again]) => cell === `\`${code}\`` && again === 'no');
      expect(found, code).toHaveLength(1);
    }
  });

  it('say what was tried and what to do next, in whole sentences', () => {
    for (const [, , cases] of table) {
      for (const [error] of cases) expect(error.message).toMatch(/^[A-Z\d].*\.$/s);
    }
  });

  it('keep the cause for whoever debugs, where there is one', () => {
    const cause = new Error('x');
    expect(new StorageError('y', cause).cause).toBe(cause);
    expect(Object.hasOwn(new CheckpointLost(), 'cause')).toBe(false);
  });
});
