import { accessSchema } from './accessSchema.ts';
import { readingSchemas } from './readingSchemas.ts';
import { listOf, object, ref, text, time, whole, type Schema } from './schema.ts';

const failure = (summary: string, description: string): Schema =>
  object(
    {
      code: text('Code', 'A stable code.'),
      message: text('Message', 'What went wrong and what to do.'),
      requestId: text('Request id', "The service's request id, for a support case."),
    },
    description,
    summary,
  );

/** What callers get. */
export const answerSchemas = {
  Device: object(
    {
      id: text('Device id', "Defender's id of the device."),
      name: text('Name', 'The full DNS name.'),
      aadDeviceId: text('Entra device id', 'The id of the device in Entra.'),
      osPlatform: text('Operating system', 'The operating system.'),
      healthStatus: text('Health', 'Whether the sensor reports.'),
      onboardingStatus: text('Onboarding', 'Whether the device is onboarded.'),
      deviceValue: text('Value', 'The value that was given to the device.'),
      deviceGroup: text('Device group', 'The device group.'),
      tags: listOf({ type: 'string' }, 'Tags', 'The tags.'),
      lastSeen: text('Last seen', 'When the device last sent a full report.'),
      isActive: {
        type: 'boolean',
        'x-ms-summary': 'Active',
        description: 'True for a record that an action by name would choose.',
      },
      inactiveBecause: text('Inactive because', 'Why the record is not active.'),
      protectedBy: text('Protected by', 'The rule that keeps the device from being isolated.'),
    },
    'A device as Defender describes it.',
  ),
  DeviceList: object(
    { devices: listOf(ref('Device'), 'Devices', 'All records with this name or id.') },
    'Devices.',
  ),
  Operation: object(
    {
      id: text('Operation id', 'The id of the operation.'),
      status: text('Status', 'Where the operation stands.', {
        enum: ['NotStarted', 'Running', 'Succeeded', 'Failed', 'Canceled'],
      }),
      action: text('Action', 'What was asked for.', { enum: ['isolate', 'release'] }),
      device: object(
        { id: text('Device id', 'Its id.'), name: text('Name', 'Its name.') },
        'The device.',
        'Device',
      ),
      caller: object(
        {
          id: text('Caller id', 'The client id of an application or the object id of a person.'),
          kind: text('Kind', 'What the caller is.', { enum: ['application', 'person', 'functionKey'] }),
          name: text('Name', 'The name of the caller, where its token has one.'),
          applicationId: text('Application', 'The application that called.'),
        },
        'Who asked.',
        'Caller',
      ),
      run: object(
        {
          workflow: text('Workflow', 'The name of the workflow.'),
          runId: text('Run', 'The run of the workflow.'),
          action: text('Action', 'The action of the workflow.'),
          trackingId: text('Tracking id', 'The tracking id of the run.'),
        },
        'The Logic Apps run that asked.',
        'Workflow run',
      ),
      tenantId: text('Tenant', 'The tenant; absent for the home tenant.'),
      comment: text('Comment', 'Why.'),
      incidentId: text('Incident', 'The incident.'),
      isolationType: text('Isolation type', 'The kind of isolation.'),
      machineAction: object(
        {
          id: text('Machine action', "Defender's id of the action."),
          status: text('Status', 'As Defender says it.'),
          type: text('Type', 'Isolate or Unisolate.'),
          scope: text('Scope', 'The kind of isolation.'),
          requestor: text('Requestor', 'Who asked Defender.'),
          joined: {
            type: 'boolean',
            'x-ms-summary': 'Joined',
            description: 'True when the action was already open and was not asked for again.',
          },
          createdDateTime: text('Created', 'When Defender took the action.'),
          lastUpdatedDateTime: text('Updated', 'When the action last changed.'),
          errorHResult: whole('Error code', 'The code that the device gave; 0 is none.'),
          troubleshootInfo: text('Trouble', 'What Defender says about a failure.'),
          cancellationRequestor: text('Cancelled by', 'Who cancelled the action.'),
        },
        "Defender's machine action.",
        'Machine action',
      ),
      waitingFor: text('Waiting for', 'The machine action that must end before this one begins.'),
      createdDateTime: time('Created', 'When the operation was accepted.'),
      checkedDateTime: time('Checked', 'When Defender was last asked about it.'),
      endedDateTime: time('Ended', 'When the end was seen.'),
      error: failure('Error', 'Why the operation failed or was canceled.'),
      checkError: failure(
        'Check error',
        'Why Defender could not be asked the last time; the status is the one known before.',
      ),
    },
    'An action on a device, from its request to its true end.',
  ),
  OperationList: object(
    {
      operations: listOf(ref('Operation'), 'Operations', 'Newest first.'),
      nextLink: text('Next link', 'Where the next page is; absent on the last one.'),
    },
    'Operations.',
  ),
  Decision: object(
    {
      dryRun: { type: 'boolean', 'x-ms-summary': 'Dry run', description: 'Always true: nothing was done.' },
      decision: text('Decision', 'What would have happened.', { enum: ['act', 'join', 'wait'] }),
      action: text('Action', 'What was asked for.'),
      device: ref('Device'),
      machineAction: text('Machine action', 'The open machine action that would be joined or waited for.'),
    },
    'What an action would have done.',
  ),
  HuntResult: object(
    {
      columns: listOf(
        object({ name: text('Name', 'Its name.'), type: text('Type', 'Its type.') }, 'A column.'),
        'Columns',
        'The columns.',
      ),
      rows: listOf({ type: 'object', description: 'A row.' }, 'Rows', 'The rows, each by column name.'),
      rowCount: whole('Row count', 'How many rows there are.'),
      truncated: {
        type: 'boolean',
        'x-ms-summary': 'Truncated',
        description: 'True when the limit of 100,000 rows was reached: there may be more.',
      },
      requestId: text('Request id', "The service's request id, for a support case."),
    },
    'What a hunt found.',
  ),
  ...readingSchemas,
  Access: accessSchema,
  Health: object(
    {
      status: text('Status', 'Whether the app works.', { enum: ['up', 'degraded'] }),
      reasons: listOf({ type: 'string' }, 'Reasons', 'Codes of what is wrong. Only with a role.'),
      pull: object(
        {
          lastSuccessDateTime: time('Last success', 'When everything was last read.'),
          ageSeconds: whole('Age', 'Seconds since then.'),
          lagSeconds: whole('Lag', 'Seconds that the watermark is behind.'),
          gaps: whole('Gaps', 'Windows that could not be read yet.'),
        },
        'The pull of alerts. Only with a role.',
        'Pull',
      ),
      tenants: object(
        {
          enabled: whole('Enabled', 'Tenants that are not paused, the home tenant included.'),
          late: whole('Late', 'Others than the home tenant whose last complete pull is too old.'),
          failing: whole('Failing', 'Tenants whose last pull ended with an error.'),
        },
        'The tenants. Only with a role.',
        'Tenants',
      ),
      poisonMessages: whole('Poison messages', 'Alerts that could not be delivered. Only with a role.'),
      credential: text('Credential', 'ok, or the code of what is wrong. Only with a role.'),
      expiringCredentials: listOf(
        object(
          {
            name: text('Name', 'Its name in the vault.'),
            usedFor: text('Used for', 'What stops when it expires.'),
            expiresDateTime: time('Expires', 'When it expires.'),
            daysLeft: whole('Days left', 'Whole days; negative once it has expired.'),
          },
          'A secret or certificate in the vault.',
        ),
        'Expiring credentials',
        'What the app signs in with and expires within 30 days. Only with a role.',
      ),
      openOperations: whole('Open operations', 'Operations that have not ended. Only with a role.'),
      actionsPaused: {
        type: 'boolean',
        'x-ms-summary': 'Actions paused',
        description: 'True while the pause switch is on. Only with a role.',
      },
    },
    'How the app is.',
  ),
  Problem: object(
    {
      type: text('Type', 'A page about the code.'),
      title: text('Title', 'The kind of problem.'),
      status: whole('Status', 'The HTTP status.'),
      detail: text('Detail', 'What happened and what to do.'),
      instance: text('Instance', 'The id of this request.'),
      error: object(
        {
          code: text('Code', 'A stable code.'),
          message: text('Message', 'The same as detail.'),
          target: text('Target', 'What it is about.'),
          details: listOf(
            object(
              {
                code: text('Code', 'A stable code.'),
                target: text('Target', 'Which part of the input.'),
                message: text('Message', 'What is wrong with it.'),
              },
              'One fault.',
            ),
            'Details',
            'Each fault.',
          ),
        },
        'The error as Azure services write it.',
        'Error',
      ),
      serviceRequestId: text('Service request id', "The service's request id, for a support case."),
      candidates: listOf(ref('Device'), 'Candidates', 'The devices to choose from, with device_ambiguous.'),
      mergedIntoDeviceId: text('Merged into', 'The id of the record that stays, with device_merged.'),
      rule: text('Rule', 'The rule that protects the device, with device_protected.'),
      operation: ref('Operation'),
    },
    'A problem.',
  ),
} satisfies Record<string, Schema>;
